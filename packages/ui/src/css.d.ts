/** Stylesheets are the bundler's business: a module gives its class names, a plain one gives nothing. */
declare module "*.module.css" {
  const classes: { readonly [name: string]: string };
  // biome-ignore lint/style/noDefaultExport: this is how the bundler hands over class names
  export default classes;
}
declare module "*.css";
