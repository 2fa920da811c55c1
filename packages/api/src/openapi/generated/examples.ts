import type { JsonValue } from "../json-schema.ts";

/** Data of real answers, by route. Written by `npm run api:examples`. */
export const EXAMPLES: Readonly<Record<string, JsonValue>> = {
 "blockchain": {
  "chain": "regtest",
  "height": 120,
  "headers": 120,
  "difficulty": 4.6565423739069247e-10,
  "total_blocks": 121,
  "total_transactions": 165,
  "mempool_size": 1,
  "connected_peers": 0,
  "last_block_hash": "02f5e50ca60cb8710e8e6a1a39ae68491be36ae37b15c64d1f1bb91d8d40777c",
  "last_block_timestamp": 1296695802,
  "chainwork": "00000000000000000000000000000000000000000000000000000000000000f2",
  "initial_block_download": true,
  "verification_progress": 0.0003305462183705632,
  "sync": {
   "phase": "idle",
   "target_height": 120,
   "percent": 100,
   "blocks_per_second": 0,
   "seconds_left": null
  }
 },
 "blocks": {
  "items": [
   {
    "hash": "02f5e50ca60cb8710e8e6a1a39ae68491be36ae37b15c64d1f1bb91d8d40777c",
    "previous_hash": "6853008ce5902778d01751bf2cd87c105e1e668fc52d5cd09d8cf720ff9be0fd",
    "next_hash": null,
    "height": 120,
    "confirmations": 1,
    "timestamp": 1296695802,
    "median_time": 1296695502,
    "version": 536870912,
    "bits": "207fffff",
    "nonce": 0,
    "difficulty": 4.6565423739069247e-10,
    "merkle_root": "bc7db9514d4831a86362836e93a50ec6e764213d186a3193d213c5bcd303edc8",
    "transaction_count": 4,
    "size_bytes": 1068,
    "stripped_size_bytes": 597,
    "weight": 2859
   },
   {
    "hash": "6853008ce5902778d01751bf2cd87c105e1e668fc52d5cd09d8cf720ff9be0fd",
    "previous_hash": "5bad6b48d82aa6d7abb53f293001ade057ac05c1ff5a2e80022d64355289e529",
    "next_hash": "02f5e50ca60cb8710e8e6a1a39ae68491be36ae37b15c64d1f1bb91d8d40777c",
    "height": 119,
    "confirmations": 2,
    "timestamp": 1296695742,
    "median_time": 1296695442,
    "version": 536870912,
    "bits": "207fffff",
    "nonce": 1,
    "difficulty": 4.6565423739069247e-10,
    "merkle_root": "7c315bc027dd2dc8970901ca56aad0c30c2f47bf5421155034e9837b49ecb273",
    "transaction_count": 4,
    "size_bytes": 1070,
    "stripped_size_bytes": 597,
    "weight": 2861
   }
  ],
  "page": 0,
  "limit": 10,
  "total": 121,
  "total_pages": 13,
  "has_next": true,
  "has_prev": false
 },
 "latestBlocks": [
  {
   "hash": "02f5e50ca60cb8710e8e6a1a39ae68491be36ae37b15c64d1f1bb91d8d40777c",
   "previous_hash": "6853008ce5902778d01751bf2cd87c105e1e668fc52d5cd09d8cf720ff9be0fd",
   "next_hash": null,
   "height": 120,
   "confirmations": 1,
   "timestamp": 1296695802,
   "median_time": 1296695502,
   "version": 536870912,
   "bits": "207fffff",
   "nonce": 0,
   "difficulty": 4.6565423739069247e-10,
   "merkle_root": "bc7db9514d4831a86362836e93a50ec6e764213d186a3193d213c5bcd303edc8",
   "transaction_count": 4,
   "size_bytes": 1068,
   "stripped_size_bytes": 597,
   "weight": 2859
  },
  {
   "hash": "6853008ce5902778d01751bf2cd87c105e1e668fc52d5cd09d8cf720ff9be0fd",
   "previous_hash": "5bad6b48d82aa6d7abb53f293001ade057ac05c1ff5a2e80022d64355289e529",
   "next_hash": "02f5e50ca60cb8710e8e6a1a39ae68491be36ae37b15c64d1f1bb91d8d40777c",
   "height": 119,
   "confirmations": 2,
   "timestamp": 1296695742,
   "median_time": 1296695442,
   "version": 536870912,
   "bits": "207fffff",
   "nonce": 1,
   "difficulty": 4.6565423739069247e-10,
   "merkle_root": "7c315bc027dd2dc8970901ca56aad0c30c2f47bf5421155034e9837b49ecb273",
   "transaction_count": 4,
   "size_bytes": 1070,
   "stripped_size_bytes": 597,
   "weight": 2861
  }
 ],
 "block": {
  "hash": "02f5e50ca60cb8710e8e6a1a39ae68491be36ae37b15c64d1f1bb91d8d40777c",
  "previous_hash": "6853008ce5902778d01751bf2cd87c105e1e668fc52d5cd09d8cf720ff9be0fd",
  "next_hash": null,
  "height": 120,
  "confirmations": 1,
  "timestamp": 1296695802,
  "median_time": 1296695502,
  "version": 536870912,
  "bits": "207fffff",
  "nonce": 0,
  "difficulty": 4.6565423739069247e-10,
  "merkle_root": "bc7db9514d4831a86362836e93a50ec6e764213d186a3193d213c5bcd303edc8",
  "transaction_count": 4,
  "size_bytes": 1068,
  "stripped_size_bytes": 597,
  "weight": 2859
 },
 "blockTransactions": {
  "items": [
   {
    "txid": "e6bd09004bca62be1e595d54595fbfccb2462acc2fbe3f21bf91dacb28a4b012",
    "wtxid": "9e61e46a58f5e7a2258248511c8b960f6eed7e8de2d8e0b841598e90874583b4",
    "is_coinbase": true,
    "version": 2,
    "lock_time": 0,
    "size_bytes": 172,
    "virtual_size": 145,
    "weight": 580,
    "fee": null,
    "total_output": 5000000000,
    "inputs": [
     {
      "coinbase": "01780400000001",
      "txid": null,
      "vout": null,
      "script_sig_asm": "120 16777216",
      "script_sig_hex": "01780400000001",
      "witness": [
       "0000000000000000000000000000000000000000000000000000000000000000"
      ],
      "sequence": 4294967295,
      "prevout": null
     }
    ],
    "outputs": [
     {
      "index": 0,
      "value": 5000000000,
      "script": {
       "type": "witness_v0_keyhash",
       "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
       "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
       "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
      }
     },
     {
      "index": 1,
      "value": 0,
      "script": {
       "type": "nulldata",
       "asm": "OP_RETURN aa21a9ed6205b8af596fe07a3ce17350548b1b72b8142b2921a8588d5cafb1c34b8c7a2e",
       "hex": "6a24aa21a9ed6205b8af596fe07a3ce17350548b1b72b8142b2921a8588d5cafb1c34b8c7a2e",
       "address": null
      }
     }
    ],
    "index": 0
   },
   {
    "txid": "cb4d2af0f58e87caa874343b60ad11236ff1315ff271e39e8f64b3d09ab6704e",
    "wtxid": "336298076c2dc3b918786ba70c9dccfce2294147dd60c7a72ce90e3fdf051ac6",
    "is_coinbase": false,
    "version": 2,
    "lock_time": 0,
    "size_bytes": 222,
    "virtual_size": 141,
    "weight": 561,
    "fee": 1000,
    "total_output": 4999999000,
    "inputs": [
     {
      "coinbase": null,
      "txid": "c372d82b2ba847fe003745d207a0289804f81d50d2eca67b84b688b2d76256d7",
      "vout": 0,
      "script_sig_asm": "",
      "script_sig_hex": "",
      "witness": [
       "304402207c13a38852e0290b3512fed9286514184a1328ea405d533e119db4d71efcfb2f02200f577b16cf217fe6bd81ddb0cfc9b7e780f7e02c353acec05da3d56023d4164e01",
       "0324653eac434488002cc06bbfb7f10fe18991e35f9fe4302dbea6d2353dc0ab1c"
      ],
      "sequence": 4294967294,
      "prevout": {
       "value": 5000000000,
       "height": 20,
       "is_coinbase": true,
       "script": {
        "type": "witness_v0_keyhash",
        "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
        "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
        "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
       }
      }
     }
    ],
    "outputs": [
     {
      "index": 0,
      "value": 2499999500,
      "script": {
       "type": "witness_v0_keyhash",
       "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
       "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
       "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
      }
     },
     {
      "index": 1,
      "value": 2499999500,
      "script": {
       "type": "witness_v0_keyhash",
       "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
       "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
       "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
      }
     }
    ],
    "index": 1
   }
  ],
  "page": 0,
  "limit": 2,
  "total": 4,
  "total_pages": 2,
  "has_next": true,
  "has_prev": false
 },
 "blockTransactionIds": [
  "e6bd09004bca62be1e595d54595fbfccb2462acc2fbe3f21bf91dacb28a4b012",
  "cb4d2af0f58e87caa874343b60ad11236ff1315ff271e39e8f64b3d09ab6704e"
 ],
 "blockBytes": {
  "hash": "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
  "hex": "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4adae5494dffff7f20020000000101000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000"
 },
 "headers": [
  {
   "hash": "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
   "previous_hash": "0000000000000000000000000000000000000000000000000000000000000000",
   "next_hash": "696318083b4c79f12c5944d323f244561f93b9c0404af03b92b9d47ab06f62f4",
   "height": 0,
   "confirmations": 121,
   "timestamp": 1296688602,
   "median_time": 1296688602,
   "version": 1,
   "bits": "207fffff",
   "nonce": 2,
   "difficulty": 4.6565423739069247e-10,
   "chainwork": "0000000000000000000000000000000000000000000000000000000000000002",
   "merkle_root": "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b",
   "transaction_count": 1,
   "hex": "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4adae5494dffff7f2002000000"
  },
  {
   "hash": "696318083b4c79f12c5944d323f244561f93b9c0404af03b92b9d47ab06f62f4",
   "previous_hash": "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
   "next_hash": "355d390fa852e105721011498b99c90c0127904698690a4f729174cbffb2b163",
   "height": 1,
   "confirmations": 120,
   "timestamp": 1296688662,
   "median_time": 1296688662,
   "version": 536870912,
   "bits": "207fffff",
   "nonce": 1,
   "difficulty": 4.6565423739069247e-10,
   "chainwork": "0000000000000000000000000000000000000000000000000000000000000004",
   "merkle_root": "50d61dae338f4128a1fee7b68b65e338f030c876e0fee94e9f3402fe8c18b09a",
   "transaction_count": 1,
   "hex": "0000002006226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f9ab0188cfe02349f4ee9fee076c830f038e3658bb6e7fea128418f33ae1dd65016e6494dffff7f2001000000"
  }
 ],
 "chainTips": [
  {
   "height": 120,
   "hash": "02f5e50ca60cb8710e8e6a1a39ae68491be36ae37b15c64d1f1bb91d8d40777c",
   "branch_length": 0,
   "status": "active"
  }
 ],
 "blockOverview": {
  "hash": "02f5e50ca60cb8710e8e6a1a39ae68491be36ae37b15c64d1f1bb91d8d40777c",
  "height": 120,
  "is_active": true,
  "seen": null,
  "header_hex": "00000020fde09bff20f78c9dd05c2dc58f661e5e107cd82cbf5117d0782790e58c005368c8ed03d3bcc513d293316a183d2164e7c60ea5936e836263a831484d51b97dbcfa014a4dffff7f2000000000",
  "transactions": {
   "txids": [
    "e6bd09004bca62be1e595d54595fbfccb2462acc2fbe3f21bf91dacb28a4b012",
    "cb4d2af0f58e87caa874343b60ad11236ff1315ff271e39e8f64b3d09ab6704e"
   ],
   "weights": [
    580,
    561
   ],
   "fees": [
    0,
    1000
   ],
   "feerates_sat_per_kvb": [
    0,
    7092
   ]
  },
  "statistics": {
   "total_fee": 3002,
   "subsidy": 5000000000,
   "total_output": 14999993998,
   "min_fee": 1000,
   "median_fee": 1000,
   "max_fee": 1002,
   "feerate_sat_per_kvb": {
    "min": 5617,
    "percentile_10": 5617,
    "percentile_25": 5617,
    "median": 5825,
    "percentile_75": 7092,
    "percentile_90": 7092,
    "max": 7092
   },
   "input_count": 4,
   "output_count": 8,
   "segwit_count": 3,
   "segwit_size_bytes": 815,
   "segwit_weight": 1955,
   "total_weight": 1955,
   "utxo_increase": 3,
   "utxo_size_increase_bytes": 213
  },
  "siblings": []
 },
 "blockAtTime": {
  "hash": "02f5e50ca60cb8710e8e6a1a39ae68491be36ae37b15c64d1f1bb91d8d40777c",
  "previous_hash": "6853008ce5902778d01751bf2cd87c105e1e668fc52d5cd09d8cf720ff9be0fd",
  "next_hash": null,
  "height": 120,
  "confirmations": 1,
  "timestamp": 1296695802,
  "median_time": 1296695502,
  "version": 536870912,
  "bits": "207fffff",
  "nonce": 0,
  "difficulty": 4.6565423739069247e-10,
  "merkle_root": "bc7db9514d4831a86362836e93a50ec6e764213d186a3193d213c5bcd303edc8",
  "transaction_count": 4,
  "size_bytes": 1068,
  "stripped_size_bytes": 597,
  "weight": 2859
 },
 "chainSeries": {
  "time_before": 1296695622,
  "heights": [
   118,
   119
  ],
  "times": [
   1296695682,
   1296695742
  ],
  "transaction_counts": [
   4,
   4
  ],
  "sizes_bytes": [
   1068,
   1070
  ],
  "weights": [
   2859,
   2861
  ],
  "fees": [
   0,
   0
  ],
  "difficulties": [
   4.6565423739069247e-10,
   4.6565423739069247e-10
  ],
  "hash_rates": [
   0.03333333333333333,
   0.03333333333333333
  ]
 },
 "transactions": {
  "items": [
   {
    "txid": "ef7bd3ac50342e1b5f898282b22ba6813687743baf1874844fa0693873253eb9",
    "is_coinbase": false,
    "input_count": 1,
    "output_count": 3,
    "total_output": 4999996998,
    "fee": 1002,
    "virtual_size": 172,
    "block_hash": "02f5e50ca60cb8710e8e6a1a39ae68491be36ae37b15c64d1f1bb91d8d40777c",
    "block_height": 120,
    "timestamp": 1296695802
   },
   {
    "txid": "937a869bb7f604afda6ff853838297ab84ed6623852727c6bcf34aad7a1f18bd",
    "is_coinbase": false,
    "input_count": 2,
    "output_count": 1,
    "total_output": 4999998000,
    "fee": 1000,
    "virtual_size": 178,
    "block_hash": "02f5e50ca60cb8710e8e6a1a39ae68491be36ae37b15c64d1f1bb91d8d40777c",
    "block_height": 120,
    "timestamp": 1296695802
   }
  ],
  "next_cursor": "t120-1-1f1bb91d8d40777c"
 },
 "transaction": {
  "txid": "cb4d2af0f58e87caa874343b60ad11236ff1315ff271e39e8f64b3d09ab6704e",
  "wtxid": "336298076c2dc3b918786ba70c9dccfce2294147dd60c7a72ce90e3fdf051ac6",
  "is_coinbase": false,
  "version": 2,
  "lock_time": 0,
  "size_bytes": 222,
  "virtual_size": 141,
  "weight": 561,
  "fee": 1000,
  "total_output": 4999999000,
  "inputs": [
   {
    "coinbase": null,
    "txid": "c372d82b2ba847fe003745d207a0289804f81d50d2eca67b84b688b2d76256d7",
    "vout": 0,
    "script_sig_asm": "",
    "script_sig_hex": "",
    "witness": [
     "304402207c13a38852e0290b3512fed9286514184a1328ea405d533e119db4d71efcfb2f02200f577b16cf217fe6bd81ddb0cfc9b7e780f7e02c353acec05da3d56023d4164e01",
     "0324653eac434488002cc06bbfb7f10fe18991e35f9fe4302dbea6d2353dc0ab1c"
    ],
    "sequence": 4294967294,
    "prevout": {
     "value": 5000000000,
     "height": 20,
     "is_coinbase": true,
     "script": {
      "type": "witness_v0_keyhash",
      "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
      "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
      "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
     }
    }
   }
  ],
  "outputs": [
   {
    "index": 0,
    "value": 2499999500,
    "script": {
     "type": "witness_v0_keyhash",
     "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
     "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
     "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
    },
    "is_spent": true,
    "spent_by": {
     "txid": "937a869bb7f604afda6ff853838297ab84ed6623852727c6bcf34aad7a1f18bd",
     "input_index": 0,
     "block_height": 120
    }
   },
   {
    "index": 1,
    "value": 2499999500,
    "script": {
     "type": "witness_v0_keyhash",
     "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
     "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
     "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
    },
    "is_spent": true,
    "spent_by": {
     "txid": "937a869bb7f604afda6ff853838297ab84ed6623852727c6bcf34aad7a1f18bd",
     "input_index": 1,
     "block_height": 120
    }
   }
  ],
  "hex": "02000000000101d75662d7b288b6847ba6ecd2501df8049828a007d2453700fe47a82b2bd872c30000000000feffffff020cf702950000000016001414db4138d56a2ecfb10881a9be394d9f321985b20cf702950000000016001414db4138d56a2ecfb10881a9be394d9f321985b20247304402207c13a38852e0290b3512fed9286514184a1328ea405d533e119db4d71efcfb2f02200f577b16cf217fe6bd81ddb0cfc9b7e780f7e02c353acec05da3d56023d4164e01210324653eac434488002cc06bbfb7f10fe18991e35f9fe4302dbea6d2353dc0ab1c00000000",
  "status": {
   "is_confirmed": true,
   "block_hash": "02f5e50ca60cb8710e8e6a1a39ae68491be36ae37b15c64d1f1bb91d8d40777c",
   "block_height": 120,
   "block_time": 1296695802,
   "index": 1,
   "confirmations": 1
  },
  "mempool": null
 },
 "decodeTransaction": {
  "txid": "a42de61f82742210f1710f00e1135a04df3c995fdf0d82366995e19fdb5f4719",
  "wtxid": "b2e0b269154bb1f86746e4e9fb1e544209aa78382c4110139378caac98d31be4",
  "is_coinbase": false,
  "version": 2,
  "lock_time": 0,
  "size_bytes": 222,
  "virtual_size": 141,
  "weight": 561,
  "fee": 5000,
  "total_output": 4999995000,
  "inputs": [
   {
    "coinbase": null,
    "txid": "d778710958036433bc4bc1b626d219a9db4f8954b1d61af41a430857a8db27c0",
    "vout": 0,
    "script_sig_asm": "",
    "script_sig_hex": "",
    "witness": [
     "30440220426e20ff127d29d65d20e8efaf06c614ddaa52ffd2d5307aaeadaf62e43eb02a0220514774eb717676d483b886d1437e7185e04367d6b819906fa9d41cbeb892eabc01",
     "0324653eac434488002cc06bbfb7f10fe18991e35f9fe4302dbea6d2353dc0ab1c"
    ],
    "sequence": 4294967294,
    "prevout": {
     "value": 5000000000,
     "height": 2,
     "is_coinbase": true,
     "script": {
      "type": "witness_v0_keyhash",
      "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
      "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
      "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
     }
    }
   }
  ],
  "outputs": [
   {
    "index": 0,
    "value": 2499997500,
    "script": {
     "type": "witness_v0_keyhash",
     "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
     "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
     "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
    }
   },
   {
    "index": 1,
    "value": 2499997500,
    "script": {
     "type": "witness_v0_keyhash",
     "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
     "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
     "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
    }
   }
  ]
 },
 "testTransactions": {
  "is_accepted": true,
  "reason": null,
  "transactions": [
   {
    "txid": "a42de61f82742210f1710f00e1135a04df3c995fdf0d82366995e19fdb5f4719",
    "wtxid": "b2e0b269154bb1f86746e4e9fb1e544209aa78382c4110139378caac98d31be4",
    "reason": null,
    "replacement": null,
    "outcome": "accepted",
    "virtual_size": 141,
    "fee": 5000,
    "effective_feerate_sat_per_kvb": 35460.99290780142
   },
   {
    "txid": "b1f73727403fca03e1c9431e5b21b84c8259b33830c48a8ec3efb9060c19bd02",
    "wtxid": "61a6118745146071f3a00804fffe176eb77e563f0b092262c4453a9f423598c0",
    "reason": null,
    "replacement": null,
    "outcome": "accepted",
    "virtual_size": 110,
    "fee": 9000,
    "effective_feerate_sat_per_kvb": 81818.18181818182
   }
  ],
  "replaced": []
 },
 "broadcastTransaction": {
  "txid": "a42de61f82742210f1710f00e1135a04df3c995fdf0d82366995e19fdb5f4719"
 },
 "broadcastPackage": {
  "is_accepted": false,
  "reason": "transaction failed",
  "transactions": [
   {
    "txid": "0fb44eed500883d28cb999760eee8cb71fc40871eaffc93081b82fe35087069a",
    "wtxid": "08e6eb69da83d0eb1734f3ba27f8903871d6269ffe50d6d3b6fc339f643abb5a",
    "outcome": "refused",
    "reason": "bad-txns-in-belowout, value in (50.00) < value out (50.00001)",
    "replacement": null,
    "virtual_size": null,
    "fee": null,
    "effective_feerate_sat_per_kvb": null
   }
  ],
  "replaced": []
 },
 "inputTrace": {
  "txid": "cb4d2af0f58e87caa874343b60ad11236ff1315ff271e39e8f64b3d09ab6704e",
  "input": 0,
  "is_confirmed": true,
  "flags": [
   "P2SH",
   "DERSIG"
  ],
  "prevout": {
   "value": 5000000000,
   "height": 20,
   "is_coinbase": true,
   "script": {
    "type": "witness_v0_keyhash",
    "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
    "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
    "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
   }
  },
  "is_valid": true,
  "error": null,
  "is_cut": false,
  "phases": [
   {
    "name": "scriptSig",
    "script_hex": "",
    "stack": [],
    "step_from": 0,
    "step_count": 0
   },
   {
    "name": "scriptPubKey",
    "script_hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
    "stack": [],
    "step_from": 0,
    "step_count": 2
   }
  ],
  "steps": [
   {
    "phase": 1,
    "offset": 0,
    "size": 1,
    "data_size": 0,
    "opcode": 0,
    "name": "0",
    "is_executed": true,
    "open_ifs": 0,
    "is_taken": true,
    "stack": [
     2
    ],
    "alt_stack": [],
    "error": null
   },
   {
    "phase": 1,
    "offset": 1,
    "size": 21,
    "data_size": 20,
    "opcode": 20,
    "name": "OP_UNKNOWN",
    "is_executed": true,
    "open_ifs": 0,
    "is_taken": true,
    "stack": [
     2,
     3
    ],
    "alt_stack": [],
    "error": null
   }
  ],
  "items": [
   "304402207c13a38852e0290b3512fed9286514184a1328ea405d533e119db4d71efcfb2f02200f577b16cf217fe6bd81ddb0cfc9b7e780f7e02c353acec05da3d56023d4164e01",
   "0324653eac434488002cc06bbfb7f10fe18991e35f9fe4302dbea6d2353dc0ab1c"
  ]
 },
 "tracePasted": {
  "txid": "b1f73727403fca03e1c9431e5b21b84c8259b33830c48a8ec3efb9060c19bd02",
  "input": 0,
  "is_confirmed": false,
  "flags": [
   "P2SH",
   "STRICTENC"
  ],
  "prevout": {
   "value": 2499997500,
   "height": null,
   "is_coinbase": false,
   "script": {
    "type": "witness_v0_keyhash",
    "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
    "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
    "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
   }
  },
  "is_valid": true,
  "error": null,
  "is_cut": false,
  "phases": [
   {
    "name": "scriptSig",
    "script_hex": "",
    "stack": [],
    "step_from": 0,
    "step_count": 0
   },
   {
    "name": "scriptPubKey",
    "script_hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
    "stack": [],
    "step_from": 0,
    "step_count": 2
   }
  ],
  "steps": [
   {
    "phase": 1,
    "offset": 0,
    "size": 1,
    "data_size": 0,
    "opcode": 0,
    "name": "0",
    "is_executed": true,
    "open_ifs": 0,
    "is_taken": true,
    "stack": [
     2
    ],
    "alt_stack": [],
    "error": null
   },
   {
    "phase": 1,
    "offset": 1,
    "size": 21,
    "data_size": 20,
    "opcode": 20,
    "name": "OP_UNKNOWN",
    "is_executed": true,
    "open_ifs": 0,
    "is_taken": true,
    "stack": [
     2,
     3
    ],
    "alt_stack": [],
    "error": null
   }
  ],
  "items": [
   "3045022100d1481659768c1470804e383322219cad4541962cf40196690a5d50c2416851be02203feb3414cb8432d0e577eeccea230c54b5ee50897dcdb065a41d76263cb36a8c01",
   "0324653eac434488002cc06bbfb7f10fe18991e35f9fe4302dbea6d2353dc0ab1c"
  ]
 },
 "transactionReplacements": {
  "txid": "ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7",
  "transactions": [],
  "decoded": null,
  "hex": null
 },
 "mempool": {
  "is_loaded": false,
  "transaction_count": 2,
  "virtual_size": 282,
  "total_fee": 10000,
  "usage_bytes": 3644,
  "usage_bytes_max": 300000000,
  "min_feerate_sat_per_kvb": 100,
  "relay_feerate_sat_per_kvb": 100,
  "incremental_feerate_sat_per_kvb": 100,
  "sequence": 3
 },
 "projectedBlocks": {
  "blocks": [
   {
    "index": 0,
    "transaction_count": 2,
    "virtual_size": 282,
    "weight": 1122,
    "total_fee": 10000,
    "feerate_range_sat_per_kvb": [
     35460,
     35460
    ]
   }
  ],
  "remaining": {
   "transaction_count": 0,
   "virtual_size": 0,
   "total_fee": 0
  }
 },
 "mempoolHistogram": [
  {
   "feerate_sat_per_kvb": 32000,
   "transaction_count": 2,
   "virtual_size": 282,
   "total_fee": 10000
  }
 ],
 "mempoolHistory": {
  "interval_seconds": 10,
  "times": [],
  "transaction_counts": [],
  "virtual_sizes": [],
  "usage_bytes": [],
  "total_fees": [],
  "added_counts": [],
  "added_virtual_sizes": []
 },
 "mempoolClusters": {
  "items": [
   {
    "txid": "a42de61f82742210f1710f00e1135a04df3c995fdf0d82366995e19fdb5f4719",
    "transaction_count": 1,
    "fee": 5000,
    "virtual_size": 141,
    "chunks": [
     {
      "feerate_sat_per_kvb": 35460,
      "transaction_count": 1,
      "fee": 5000,
      "virtual_size": 141
     }
    ]
   },
   {
    "txid": "ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7",
    "transaction_count": 1,
    "fee": 5000,
    "virtual_size": 141,
    "chunks": [
     {
      "feerate_sat_per_kvb": 35460,
      "transaction_count": 1,
      "fee": 5000,
      "virtual_size": 141
     }
    ]
   }
  ],
  "next_cursor": null
 },
 "mempoolCluster": {
  "transactions": [
   {
    "txid": "ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7",
    "fee": 5000,
    "virtual_size": 141,
    "depends_on": [],
    "chunk": 0
   }
  ],
  "chunks": [
   {
    "feerate_sat_per_kvb": 35460,
    "transaction_count": 1,
    "fee": 5000,
    "virtual_size": 141
   }
  ]
 },
 "mempoolTransactions": {
  "items": [
   {
    "txid": "a42de61f82742210f1710f00e1135a04df3c995fdf0d82366995e19fdb5f4719",
    "wtxid": "b2e0b269154bb1f86746e4e9fb1e544209aa78382c4110139378caac98d31be4",
    "time": 1795704566,
    "fee": 5000,
    "virtual_size": 141,
    "weight": 561,
    "size_bytes": 222,
    "feerate_sat_per_kvb": 35460,
    "input_count": 1,
    "output_count": 2,
    "total_output": 4999995000,
    "is_coinbase": false,
    "parent_count": 0,
    "child_count": 0,
    "signals_replacement": false
   },
   {
    "txid": "ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7",
    "wtxid": "40347c42892d3c309878881df047297d7fa6dd0a3641212c3d3c4f6ed4314258",
    "time": 1795704562,
    "fee": 5000,
    "virtual_size": 141,
    "weight": 561,
    "size_bytes": 222,
    "feerate_sat_per_kvb": 35460,
    "input_count": 1,
    "output_count": 2,
    "total_output": 4999995000,
    "is_coinbase": false,
    "parent_count": 0,
    "child_count": 0,
    "signals_replacement": false
   }
  ],
  "next_cursor": null
 },
 "mempoolTransaction": {
  "txid": "ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7",
  "wtxid": "40347c42892d3c309878881df047297d7fa6dd0a3641212c3d3c4f6ed4314258",
  "is_coinbase": false,
  "version": 2,
  "lock_time": 0,
  "size_bytes": 222,
  "virtual_size": 141,
  "weight": 561,
  "fee": 5000,
  "total_output": 4999995000,
  "inputs": [
   {
    "coinbase": null,
    "txid": "50d61dae338f4128a1fee7b68b65e338f030c876e0fee94e9f3402fe8c18b09a",
    "vout": 0,
    "script_sig_asm": "",
    "script_sig_hex": "",
    "witness": [
     "3044022064e2cbf8d93ebf5930ce659186a37b7ee9d488511c6a937583f6e9b53bb54ea50220665ee57b3b1e4a508ba0236ee2bf68070db1ebc49eb92ad9e3fb80f931280a1001",
     "0324653eac434488002cc06bbfb7f10fe18991e35f9fe4302dbea6d2353dc0ab1c"
    ],
    "sequence": 4294967294,
    "prevout": {
     "value": 5000000000,
     "height": 1,
     "is_coinbase": true,
     "script": {
      "type": "witness_v0_keyhash",
      "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
      "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
      "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
     }
    }
   }
  ],
  "outputs": [
   {
    "index": 0,
    "value": 2499997500,
    "script": {
     "type": "witness_v0_keyhash",
     "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
     "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
     "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
    },
    "is_spent": false,
    "spent_by": null
   },
   {
    "index": 1,
    "value": 2499997500,
    "script": {
     "type": "witness_v0_keyhash",
     "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
     "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
     "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
    },
    "is_spent": false,
    "spent_by": null
   }
  ],
  "hex": "020000000001019ab0188cfe02349f4ee9fee076c830f038e3658bb6e7fea128418f33ae1dd6500000000000feffffff023cef02950000000016001414db4138d56a2ecfb10881a9be394d9f321985b23cef02950000000016001414db4138d56a2ecfb10881a9be394d9f321985b202473044022064e2cbf8d93ebf5930ce659186a37b7ee9d488511c6a937583f6e9b53bb54ea50220665ee57b3b1e4a508ba0236ee2bf68070db1ebc49eb92ad9e3fb80f931280a1001210324653eac434488002cc06bbfb7f10fe18991e35f9fe4302dbea6d2353dc0ab1c00000000",
  "status": {
   "is_confirmed": false,
   "block_hash": null,
   "block_height": null,
   "block_time": null,
   "index": null,
   "confirmations": 0
  },
  "mempool": {
   "time": 1795704562,
   "height": 120,
   "feerate_sat_per_kvb": 35460,
   "chunk_feerate_sat_per_kvb": 35460,
   "modified_fee": 5000,
   "ancestor_count": 1,
   "descendant_count": 1,
   "depends_on": [],
   "spent_by": [],
   "signals_replacement": false,
   "projected_block": 0
  }
 },
 "feeEstimates": [
  {
   "target": 2,
   "feerate_sat_per_kvb": null,
   "source": "none",
   "blocks": 0,
   "reason": "None"
  },
  {
   "target": 3,
   "feerate_sat_per_kvb": null,
   "source": "none",
   "blocks": 0,
   "reason": "None"
  }
 ],
 "miningInfo": {
  "blocks": 120,
  "chain": "regtest",
  "difficulty": 4.6565423739069247e-10,
  "networkhashps": 0.03333333333333333,
  "pooledtx": 2,
  "warnings": [],
  "next_difficulty": 4.6565423739069247e-10,
  "currentblockweight": null,
  "currentblocktx": null,
  "min_feerate_sat_per_kvb": 1
 },
 "generateToAddress": {
  "block_hashes": [
   "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531"
  ],
  "message": "1 of 1 blocks were made."
 },
 "mining": {
  "pacing": "off",
  "interval_seconds": 10,
  "miners": 1,
  "hashes_per_second": 0,
  "found_blocks": 0,
  "stale_blocks": 0,
  "has_address": false,
  "has_network": true,
  "has_faucet": true
 },
 "minedBlocks": [],
 "setMining": {
  "pacing": "off",
  "interval_seconds": 5,
  "miners": 1,
  "hashes_per_second": 0,
  "found_blocks": 0,
  "stale_blocks": 0,
  "has_address": false,
  "has_network": true,
  "has_faucet": true
 },
 "peers": [],
 "connectPeer": {
  "done": true
 },
 "forgetPeer": {
  "done": true
 },
 "disconnectPeer": {
  "done": true
 },
 "bans": [],
 "ban": {
  "done": true
 },
 "unban": {
  "done": true
 },
 "network": {
  "chain": "regtest",
  "self": "miner-0",
  "nodes": [
   {
    "name": "miner-0",
    "role": "miner",
    "state": "running",
    "height": 7,
    "hash": "2222222222222222222222222222222222222222222222222222222222222222",
    "peers": 1,
    "p2p_port": 18444,
    "web_url": null,
    "connects_to": [
     "miner-1"
    ],
    "miner": {
     "pacing": "interval",
     "found_count": 3,
     "stale_count": 1
    }
   }
  ],
  "partition": [],
  "mock_time": null
 },
 "partitionNetwork": {
  "partition": [
   [
    "miner-0"
   ],
   [
    "miner-1"
   ]
  ],
  "absent": []
 },
 "healNetwork": {
  "height": 7,
  "hash": "2222222222222222222222222222222222222222222222222222222222222222",
  "nodes": 2,
  "tied": [],
  "absent": []
 },
 "reorgNetwork": {
  "height": 7,
  "hash": "2222222222222222222222222222222222222222222222222222222222222222",
  "node": "miner-0",
  "hashes": [
   "2222222222222222222222222222222222222222222222222222222222222222"
  ]
 },
 "mineNetwork": {
  "height": 7,
  "hash": "2222222222222222222222222222222222222222222222222222222222222222",
  "node": "miner-0",
  "hashes": [
   "2222222222222222222222222222222222222222222222222222222222222222"
  ]
 },
 "networkMiner": {
  "node": "miner-0",
  "pacing": "interval",
  "interval_seconds": 10,
  "miners": 2,
  "hashes_per_second": 0,
  "found_blocks": 3,
  "stale_blocks": 1,
  "has_address": true,
  "blocks": [
   {
    "height": 7,
    "hash": "2222222222222222222222222222222222222222222222222222222222222222",
    "time": 1767225600,
    "reward_sats": 5000000141,
    "fee_sats": 141,
    "transaction_count": 2,
    "is_active": false,
    "instead": "3333333333333333333333333333333333333333333333333333333333333333"
   }
  ]
 },
 "setNetworkMiner": {
  "node": "miner-0",
  "pacing": "interval",
  "interval_seconds": 10,
  "miners": 2,
  "hashes_per_second": 0,
  "found_blocks": 3,
  "stale_blocks": 1,
  "has_address": true
 },
 "restartNetworkNode": {
  "node": "miner-0",
  "height": 7
 },
 "setNetworkTime": {
  "mock_time": 1900000000,
  "absent": []
 },
 "faucet": {
  "txid": "2222222222222222222222222222222222222222222222222222222222222222",
  "address": "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
  "sats": 1000,
  "fee_sats": 141,
  "blocks": []
 },
 "snapshots": [
  {
   "name": "base",
   "height": 7,
   "hash": "2222222222222222222222222222222222222222222222222222222222222222",
   "transactions": 2,
   "time": "2026-01-01T00:00:00.000Z"
  }
 ],
 "takeSnapshot": {
  "name": "base",
  "height": 7,
  "hash": "2222222222222222222222222222222222222222222222222222222222222222",
  "transactions": 2,
  "time": "2026-01-01T00:00:00.000Z"
 },
 "removeSnapshot": {
  "name": "base"
 },
 "revertNetwork": {
  "height": 7,
  "hash": "2222222222222222222222222222222222222222222222222222222222222222",
  "name": "base",
  "transactions": 2,
  "nodes": [
   "miner-0"
  ],
  "absent": [
   "miner-1"
  ]
 },
 "networkLog": {
  "node": "miner-0",
  "lines": [
   "2026-01-01T00:00:00Z a line"
  ],
  "end": 28,
  "is_cut": false
 },
 "search": [
  {
   "kind": "block",
   "id": "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
   "height": 0,
   "block_hash": "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"
  }
 ],
 "address": {
  "address": "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
  "script_hash": "9623df75239b5daa7f5f03042d325b51498c4bb7059c7748b17049bf96f73888",
  "script": {
   "type": "witness_v0_keyhash",
   "asm": "0 751e76e8199196d454941c45d1b3a323f1433bd6",
   "hex": "0014751e76e8199196d454941c45d1b3a323f1433bd6",
   "address": "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
  },
  "balance": {
   "address": "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
   "confirmed": 5000010000,
   "unconfirmed": 0,
   "received": 5000010000,
   "sent": 0,
   "transaction_count": 1,
   "unconfirmed_transaction_count": 0,
   "utxo_count": 1,
   "block_height": 121,
   "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531"
  }
 },
 "addressBalance": {
  "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
  "confirmed": 599999945972,
  "unconfirmed": 0,
  "received": 829999902972,
  "sent": 229999957000,
  "transaction_count": 166,
  "unconfirmed_transaction_count": 0,
  "utxo_count": 150,
  "block_height": 121,
  "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531"
 },
 "addressUtxos": {
  "items": [
   {
    "txid": "ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7",
    "vout": 1,
    "value": 2499997500,
    "is_confirmed": true,
    "block_height": 121,
    "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531",
    "confirmations": 1,
    "is_coinbase": false,
    "is_mature": true,
    "spent_by": null
   },
   {
    "txid": "ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7",
    "vout": 0,
    "value": 2499997500,
    "is_confirmed": true,
    "block_height": 121,
    "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531",
    "confirmations": 1,
    "is_coinbase": false,
    "is_mature": true,
    "spent_by": null
   }
  ],
  "next_cursor": "c.121.ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7.0"
 },
 "addressHistory": {
  "items": [
   {
    "txid": "ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7",
    "value": -5000,
    "direction": "out",
    "received": 4999995000,
    "sent": 5000000000,
    "is_confirmed": true,
    "block_height": 121,
    "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531",
    "time": 1795704567,
    "confirmations": 1,
    "index": 2,
    "fee": 5000,
    "is_coinbase": false
   },
   {
    "txid": "a42de61f82742210f1710f00e1135a04df3c995fdf0d82366995e19fdb5f4719",
    "value": -5000,
    "direction": "out",
    "received": 4999995000,
    "sent": 5000000000,
    "is_confirmed": true,
    "block_height": 121,
    "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531",
    "time": 1795704567,
    "confirmations": 1,
    "index": 1,
    "fee": 5000,
    "is_coinbase": false
   }
  ],
  "next_cursor": "c.121.1.a42de61f82742210f1710f00e1135a04df3c995fdf0d82366995e19fdb5f4719"
 },
 "addressSeries": {
  "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
  "is_whole": true,
  "balance_before": 0,
  "block_height": 121,
  "heights": [
   1,
   2
  ],
  "times": [
   1296688662,
   1296688722
  ],
  "balances": [
   5000000000,
   10000000000
  ],
  "received": [
   5000000000,
   5000000000
  ],
  "sent": [
   0,
   0
  ],
  "transaction_counts": [
   1,
   1
  ]
 },
 "addressTransactions": {
  "items": [
   {
    "txid": "ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7",
    "wtxid": "40347c42892d3c309878881df047297d7fa6dd0a3641212c3d3c4f6ed4314258",
    "is_coinbase": false,
    "version": 2,
    "lock_time": 0,
    "size_bytes": 222,
    "virtual_size": 141,
    "weight": 561,
    "fee": 5000,
    "total_output": 4999995000,
    "inputs": [
     {
      "coinbase": null,
      "txid": "50d61dae338f4128a1fee7b68b65e338f030c876e0fee94e9f3402fe8c18b09a",
      "vout": 0,
      "script_sig_asm": "",
      "script_sig_hex": "",
      "witness": [
       "3044022064e2cbf8d93ebf5930ce659186a37b7ee9d488511c6a937583f6e9b53bb54ea50220665ee57b3b1e4a508ba0236ee2bf68070db1ebc49eb92ad9e3fb80f931280a1001",
       "0324653eac434488002cc06bbfb7f10fe18991e35f9fe4302dbea6d2353dc0ab1c"
      ],
      "sequence": 4294967294,
      "prevout": {
       "value": 5000000000,
       "height": 1,
       "is_coinbase": true,
       "script": {
        "type": "witness_v0_keyhash",
        "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
        "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
        "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
       }
      }
     }
    ],
    "outputs": [
     {
      "index": 0,
      "value": 2499997500,
      "script": {
       "type": "witness_v0_keyhash",
       "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
       "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
       "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
      }
     },
     {
      "index": 1,
      "value": 2499997500,
      "script": {
       "type": "witness_v0_keyhash",
       "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
       "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
       "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
      }
     }
    ],
    "index": 2,
    "value": -5000,
    "direction": "out",
    "received": 4999995000,
    "sent": 5000000000,
    "is_confirmed": true,
    "block_height": 121,
    "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531",
    "time": 1795704567,
    "confirmations": 1
   },
   {
    "txid": "a42de61f82742210f1710f00e1135a04df3c995fdf0d82366995e19fdb5f4719",
    "wtxid": "b2e0b269154bb1f86746e4e9fb1e544209aa78382c4110139378caac98d31be4",
    "is_coinbase": false,
    "version": 2,
    "lock_time": 0,
    "size_bytes": 222,
    "virtual_size": 141,
    "weight": 561,
    "fee": 5000,
    "total_output": 4999995000,
    "inputs": [
     {
      "coinbase": null,
      "txid": "d778710958036433bc4bc1b626d219a9db4f8954b1d61af41a430857a8db27c0",
      "vout": 0,
      "script_sig_asm": "",
      "script_sig_hex": "",
      "witness": [
       "30440220426e20ff127d29d65d20e8efaf06c614ddaa52ffd2d5307aaeadaf62e43eb02a0220514774eb717676d483b886d1437e7185e04367d6b819906fa9d41cbeb892eabc01",
       "0324653eac434488002cc06bbfb7f10fe18991e35f9fe4302dbea6d2353dc0ab1c"
      ],
      "sequence": 4294967294,
      "prevout": {
       "value": 5000000000,
       "height": 2,
       "is_coinbase": true,
       "script": {
        "type": "witness_v0_keyhash",
        "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
        "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
        "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
       }
      }
     }
    ],
    "outputs": [
     {
      "index": 0,
      "value": 2499997500,
      "script": {
       "type": "witness_v0_keyhash",
       "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
       "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
       "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
      }
     },
     {
      "index": 1,
      "value": 2499997500,
      "script": {
       "type": "witness_v0_keyhash",
       "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
       "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
       "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
      }
     }
    ],
    "index": 1,
    "value": -5000,
    "direction": "out",
    "received": 4999995000,
    "sent": 5000000000,
    "is_confirmed": true,
    "block_height": 121,
    "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531",
    "time": 1795704567,
    "confirmations": 1
   }
  ],
  "page": 0,
  "limit": 2,
  "total": 166,
  "total_pages": 83,
  "has_next": true,
  "has_prev": false
 },
 "addressBatch": [
  {
   "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
   "confirmed": 599999945972,
   "unconfirmed": 0,
   "received": 829999902972,
   "sent": 229999957000,
   "transaction_count": 166,
   "unconfirmed_transaction_count": 0,
   "utxo_count": 150,
   "block_height": 121,
   "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531"
  },
  {
   "address": "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
   "confirmed": 5000010000,
   "unconfirmed": 0,
   "received": 5000010000,
   "sent": 0,
   "transaction_count": 1,
   "unconfirmed_transaction_count": 0,
   "utxo_count": 1,
   "block_height": 121,
   "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531"
  }
 ],
 "watchBalance": {
  "confirmed": 109999945972,
  "immature": 495000010000,
  "unconfirmed": 0,
  "total": 604999955972,
  "utxo_count": 151,
  "script_count": 2,
  "used_script_count": 2,
  "descriptors": [],
  "block_height": 121,
  "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531"
 },
 "watchUtxos": {
  "items": [
   {
    "txid": "ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7",
    "vout": 1,
    "value": 2499997500,
    "is_confirmed": true,
    "block_height": 121,
    "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531",
    "confirmations": 1,
    "is_coinbase": false,
    "is_mature": true,
    "spent_by": null,
    "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
    "script": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
    "descriptor": null,
    "variant": null,
    "index": null
   },
   {
    "txid": "ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7",
    "vout": 0,
    "value": 2499997500,
    "is_confirmed": true,
    "block_height": 121,
    "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531",
    "confirmations": 1,
    "is_coinbase": false,
    "is_mature": true,
    "spent_by": null,
    "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
    "script": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
    "descriptor": null,
    "variant": null,
    "index": null
   }
  ],
  "next_cursor": "c.121.ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7.0"
 },
 "watchHistory": {
  "items": [
   {
    "txid": "ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7",
    "value": -5000,
    "direction": "out",
    "received": 4999995000,
    "sent": 5000000000,
    "is_confirmed": true,
    "block_height": 121,
    "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531",
    "time": 1795704567,
    "confirmations": 1,
    "index": 2,
    "fee": 5000,
    "is_coinbase": false
   },
   {
    "txid": "a42de61f82742210f1710f00e1135a04df3c995fdf0d82366995e19fdb5f4719",
    "value": -5000,
    "direction": "out",
    "received": 4999995000,
    "sent": 5000000000,
    "is_confirmed": true,
    "block_height": 121,
    "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531",
    "time": 1795704567,
    "confirmations": 1,
    "index": 1,
    "fee": 5000,
    "is_coinbase": false
   }
  ],
  "next_cursor": "c.121.1.a42de61f82742210f1710f00e1135a04df3c995fdf0d82366995e19fdb5f4719"
 },
 "watchAddresses": {
  "descriptors": [],
  "addresses": [
   {
    "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
    "script": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
    "descriptor": null,
    "variant": null,
    "index": null,
    "transaction_count": 166,
    "unconfirmed_transaction_count": 0,
    "balance": 599999945972,
    "unconfirmed": 0
   },
   {
    "address": "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
    "script": "0014751e76e8199196d454941c45d1b3a323f1433bd6",
    "descriptor": null,
    "variant": null,
    "index": null,
    "transaction_count": 1,
    "unconfirmed_transaction_count": 0,
    "balance": 5000010000,
    "unconfirmed": 0
   }
  ],
  "block_height": 121,
  "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531"
 },
 "buildPsbt": {
  "psbt": "cHNidP8BAHECAAAAAQzPWNZuL6aOymUoPvatbS693fj0YOiRP+GHIZnqXd6bAgAAAAD9////AqCGAQAAAAAAFgAUdR526BmRltRUlBxF0bOjI/FDO9YIxVVjAAAAABYAFBTbQTjVai7PsQiBqb45TZ8yGYWyeQAAAAABAJACAAAAAZgCQMW1pvkTQjtJgoDBK8v0tV1rSiKro2P0w7DjikH/AAAAAAD+////A8JMV2MAAAAAFgAUFNtBONVqLs+xCIGpvjlNnzIZhbLCTFdjAAAAABYAFBTbQTjVai7PsQiBqb45TZ8yGYWywkxXYwAAAAAWABQU20E41Wouz7EIgam+OU2fMhmFsgAAAAABAR/CTFdjAAAAABYAFBTbQTjVai7PsQiBqb45TZ8yGYWyIgYDJGU+rENEiAAswGu/t/EP4YmR41+f5DAtvqbSNT3AqxwEFNtBOAAAIgIDJGU+rENEiAAswGu/t/EP4YmR41+f5DAtvqbSNT3AqxwEFNtBOAA=",
  "fee": 282,
  "feerate_sat_per_kvb": 2000,
  "fee_reason": "None",
  "virtual_size": 141,
  "change_index": 1,
  "change_address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
  "inputs": [
   {
    "txid": "9bde5dea992187e13f91e860f4f8ddbd2e6dadf63e2865ca8ea62f6ed658cf0c",
    "vout": 2,
    "value": 1666665666,
    "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
   }
  ]
 },
 "finalizePsbt": {
  "psbt": "cHNidP8BAHECAAAAAfpCi+LhKITuvra/WJA51ZLbY8Z+BaHZN0hALdfhmPG1AAAAAAD9////AqCGAQAAAAAAFgAUdR526BmRltRUlBxF0bOjI/FDO9YIxVVjAAAAABYAFBTbQTjVai7PsQiBqb45TZ8yGYWyeQAAAAABAJACAAAAASa9Eya36xpbMpiD+NUi3MsFKB7xEsQIt47yRUuXvgBeAAAAAAD+////A8JMV2MAAAAAFgAUFNtBONVqLs+xCIGpvjlNnzIZhbLCTFdjAAAAABYAFBTbQTjVai7PsQiBqb45TZ8yGYWywkxXYwAAAAAWABQU20E41Wouz7EIgam+OU2fMhmFsgAAAAABAR/CTFdjAAAAABYAFBTbQTjVai7PsQiBqb45TZ8yGYWyIgYDJGU+rENEiAAswGu/t/EP4YmR41+f5DAtvqbSNT3AqxwEFNtBOAAAIgIDJGU+rENEiAAswGu/t/EP4YmR41+f5DAtvqbSNT3AqxwEFNtBOAA=",
  "is_complete": false,
  "unsigned_inputs": [
   0
  ],
  "hex": null,
  "acceptance": null,
  "decoded": {
   "txid": "aa597e221a0649480b5fc38ad6b65ee0181846298b6f7642669ecfe9676ae9dd",
   "wtxid": "aa597e221a0649480b5fc38ad6b65ee0181846298b6f7642669ecfe9676ae9dd",
   "is_coinbase": false,
   "version": 2,
   "lock_time": 121,
   "size_bytes": 113,
   "virtual_size": 113,
   "weight": 452,
   "fee": 282,
   "total_output": 1666665384,
   "inputs": [
    {
     "coinbase": null,
     "txid": "b5f198e1d72d404837d9a1057ec663db92d5399058bfb6beee8428e1e28b42fa",
     "vout": 0,
     "script_sig_asm": "",
     "script_sig_hex": "",
     "witness": [],
     "sequence": 4294967293,
     "prevout": {
      "value": 1666665666,
      "height": 115,
      "is_coinbase": false,
      "script": {
       "type": "witness_v0_keyhash",
       "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
       "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
       "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
      }
     }
    }
   ],
   "outputs": [
    {
     "index": 0,
     "value": 100000,
     "script": {
      "type": "witness_v0_keyhash",
      "asm": "0 751e76e8199196d454941c45d1b3a323f1433bd6",
      "hex": "0014751e76e8199196d454941c45d1b3a323f1433bd6",
      "address": "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
     }
    },
    {
     "index": 1,
     "value": 1666565384,
     "script": {
      "type": "witness_v0_keyhash",
      "asm": "0 14db4138d56a2ecfb10881a9be394d9f321985b2",
      "hex": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
      "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
     }
    }
   ]
  },
  "next": "signer",
  "problem": null,
  "estimated_virtual_size": 141,
  "inputs": [
   {
    "is_final": false,
    "next": "signer",
    "signature_count": 0,
    "missing_signatures": [
     "14db4138d56a2ecfb10881a9be394d9f321985b2"
    ],
    "missing_public_keys": [],
    "is_script_missing": false
   }
  ]
 },
 "verifyMessage": {
  "is_valid": false,
  "status": "invalid",
  "lock_time": null,
  "sequence": null,
  "coins": [],
  "format": "bip322",
  "reason": "Witness program hash mismatch."
 },
 "wallets": [
  {
   "name": "main",
   "is_loaded": true,
   "is_own": true
  },
  {
   "name": "shop",
   "is_loaded": true,
   "is_own": false
  }
 ],
 "createWallet": {
  "name": "fresh",
  "is_own": false,
  "is_encrypted": false,
  "is_locked": false,
  "unlocked_until": null,
  "has_private_keys": true,
  "avoids_reuse": false,
  "is_scanning": false,
  "transaction_count": 0,
  "birth_time": 1795704568,
  "block_height": 121,
  "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531",
  "warnings": []
 },
 "loadWallet": {
  "name": "shop",
  "is_own": false,
  "is_encrypted": false,
  "is_locked": false,
  "unlocked_until": null,
  "has_private_keys": true,
  "avoids_reuse": false,
  "is_scanning": false,
  "transaction_count": 0,
  "birth_time": 1795704563,
  "block_height": 121,
  "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531",
  "warnings": []
 },
 "unloadWallet": {
  "name": "short-lived",
  "warnings": []
 },
 "walletInfo": {
  "name": "main",
  "is_own": true,
  "is_encrypted": false,
  "is_locked": false,
  "unlocked_until": null,
  "has_private_keys": true,
  "avoids_reuse": false,
  "is_scanning": false,
  "transaction_count": 166,
  "birth_time": 1,
  "block_height": 121,
  "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531"
 },
 "newWalletAddress": {
  "address": "bcrt1qlw5j0nvhq3ty4n3c4sj885gxeg7fs6trvn84ga",
  "public_key": "0240abad0b626e25f21c0c091eff3d874aede4d45eae9731d0d9cb87cebabea468",
  "label": "order 17",
  "wallet": "main",
  "created_at": "2026-11-26T14:49:28.730Z"
 },
 "walletAddresses": {
  "items": [
   {
    "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
    "label": "",
    "is_used": true,
    "balance": 104999945972,
    "utxo_count": 51
   },
   {
    "address": "bcrt1qlw5j0nvhq3ty4n3c4sj885gxeg7fs6trvn84ga",
    "label": "order 17",
    "is_used": false,
    "balance": 0,
    "utxo_count": 0
   }
  ],
  "page": 0,
  "limit": 10,
  "total": 2,
  "total_pages": 1,
  "has_next": false,
  "has_prev": false
 },
 "walletAddress": {
  "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
  "label": "",
  "is_mine": true,
  "is_change": false,
  "public_key": "0324653eac434488002cc06bbfb7f10fe18991e35f9fe4302dbea6d2353dc0ab1c",
  "script": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
  "path": "m",
  "descriptor": "wpkh([14db4138]0324653eac434488002cc06bbfb7f10fe18991e35f9fe4302dbea6d2353dc0ab1c)#euyazadg",
  "created_at": 1
 },
 "labelWalletAddress": {
  "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
  "label": "rent",
  "is_mine": true,
  "is_change": false,
  "public_key": "0324653eac434488002cc06bbfb7f10fe18991e35f9fe4302dbea6d2353dc0ab1c",
  "script": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
  "path": "m",
  "descriptor": "wpkh([14db4138]0324653eac434488002cc06bbfb7f10fe18991e35f9fe4302dbea6d2353dc0ab1c)#euyazadg",
  "created_at": 1
 },
 "walletAddressBalance": {
  "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
  "balance": 104999945972,
  "unconfirmed_balance": 0,
  "immature_balance": 495000000000,
  "utxo_count": 150,
  "last_updated": "2026-11-26T14:49:28.812Z"
 },
 "encryptWallet": {
  "name": "plain",
  "is_own": false,
  "is_encrypted": true,
  "is_locked": true,
  "unlocked_until": null,
  "has_private_keys": true,
  "avoids_reuse": false,
  "is_scanning": false,
  "transaction_count": 0,
  "birth_time": 1795704568,
  "block_height": 121,
  "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531"
 },
 "changeWalletPassphrase": {
  "name": "secret",
  "is_own": false,
  "is_encrypted": true,
  "is_locked": true,
  "unlocked_until": null,
  "has_private_keys": true,
  "avoids_reuse": false,
  "is_scanning": false,
  "transaction_count": 0,
  "birth_time": 1795704563,
  "block_height": 121,
  "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531"
 },
 "unlockWallet": {
  "name": "secret",
  "is_own": false,
  "is_encrypted": true,
  "is_locked": false,
  "unlocked_until": 1795704629,
  "has_private_keys": true,
  "avoids_reuse": false,
  "is_scanning": false,
  "transaction_count": 0,
  "birth_time": 1795704563,
  "block_height": 121,
  "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531"
 },
 "lockWallet": {
  "name": "secret",
  "is_own": false,
  "is_encrypted": true,
  "is_locked": true,
  "unlocked_until": null,
  "has_private_keys": true,
  "avoids_reuse": false,
  "is_scanning": false,
  "transaction_count": 0,
  "birth_time": 1795704563,
  "block_height": 121,
  "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531"
 },
 "walletBalance": {
  "confirmed": 104999945972,
  "unconfirmed": 0,
  "immature": 495000000000,
  "used": 0,
  "total": 599999945972,
  "block_height": 121,
  "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531"
 },
 "walletUtxos": {
  "items": [
   {
    "txid": "ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7",
    "vout": 0,
    "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
    "label": "rent",
    "value": 2499997500,
    "confirmations": 1,
    "script": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
    "is_safe": true,
    "is_locked": false,
    "is_used": false
   },
   {
    "txid": "ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7",
    "vout": 1,
    "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
    "label": "rent",
    "value": 2499997500,
    "confirmations": 1,
    "script": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
    "is_safe": true,
    "is_locked": false,
    "is_used": false
   }
  ],
  "page": 0,
  "limit": 3,
  "total": 51,
  "total_pages": 17,
  "has_next": true,
  "has_prev": false
 },
 "lockWalletCoin": {
  "txid": "ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7",
  "vout": 0,
  "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
  "label": "rent",
  "value": 2499997500,
  "confirmations": 1,
  "script": "001414db4138d56a2ecfb10881a9be394d9f321985b2",
  "is_safe": true,
  "is_locked": false,
  "is_used": false
 },
 "walletHistory": {
  "items": [
   {
    "txid": "a42de61f82742210f1710f00e1135a04df3c995fdf0d82366995e19fdb5f4719",
    "amount": 0,
    "fee": 5000,
    "confirmations": 1,
    "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531",
    "block_height": 121,
    "time": 1795704566,
    "is_replaceable": null,
    "is_abandoned": false,
    "replaced_by": null,
    "movements": [
     {
      "category": "send",
      "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
      "label": "rent",
      "amount": -2499997500,
      "vout": 0
     },
     {
      "category": "send",
      "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
      "label": "rent",
      "amount": -2499997500,
      "vout": 1
     }
    ]
   },
   {
    "txid": "ee5ddc3c0bd7e937a1eb0bef772dd03bf28183fef4b346e0981a3efe67e094c7",
    "amount": 0,
    "fee": 5000,
    "confirmations": 1,
    "block_hash": "086345fb1bcb2762c2fcf282823702a5cbf95c3a2d9d3672045cc9dda9473531",
    "block_height": 121,
    "time": 1795704564,
    "is_replaceable": null,
    "is_abandoned": false,
    "replaced_by": null,
    "movements": [
     {
      "category": "send",
      "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
      "label": "rent",
      "amount": -2499997500,
      "vout": 0
     },
     {
      "category": "send",
      "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
      "label": "rent",
      "amount": -2499997500,
      "vout": 1
     }
    ]
   }
  ],
  "next_cursor": "w163"
 },
 "walletTransaction": {
  "txid": "cb4d2af0f58e87caa874343b60ad11236ff1315ff271e39e8f64b3d09ab6704e",
  "amount": 0,
  "fee": 1000,
  "confirmations": 2,
  "block_hash": "02f5e50ca60cb8710e8e6a1a39ae68491be36ae37b15c64d1f1bb91d8d40777c",
  "block_height": 120,
  "time": 1296695802,
  "is_replaceable": null,
  "is_abandoned": false,
  "replaced_by": null,
  "movements": [
   {
    "category": "send",
    "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
    "label": "rent",
    "amount": -2499999500,
    "vout": 0
   },
   {
    "category": "send",
    "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne",
    "label": "rent",
    "amount": -2499999500,
    "vout": 1
   }
  ]
 },
 "sendFromWallet": {
  "txid": null,
  "is_preview": true,
  "to_address": "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
  "amount": 10000,
  "fee": 282,
  "total": 10282,
  "plan": {
   "virtual_size": 141,
   "feerate": 2,
   "inputs": [
    {
     "txid": "292aae3a013da5b000c22832e0d1a759663a2256feb6d3296f1856bb383ad3db",
     "vout": 2,
     "amount": 1666665666,
     "address": "bcrt1qznd5zwx4dghvlvggsx5muw2dnuepnpdju45zne"
    }
   ],
   "outputs": [
    {
     "address": "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
     "amount": 10000,
     "is_change": false
    },
    {
     "address": "bcrt1qwjjm4f52mpx943d99qqep0s9hn4nxs7c8cmnw8",
     "amount": 1666655384,
     "is_change": true
    }
   ]
  },
  "timestamp": "2026-11-26T14:49:29.494Z"
 },
 "bumpWalletTransaction": {
  "txid": "6dae8d8672df9dd24856a1e96c685710a5bb2df18999220e653e59914915ed38",
  "original_fee": 282,
  "fee": 2820
 },
 "payForWalletTransaction": {
  "txid": "20862c7a52c164fcf41888fc6b37739583bcfcdd5f54623b0b77a836d00005a4",
  "is_preview": false,
  "fee": 4978,
  "size": 122,
  "package_fee": 5260,
  "package_size": 263,
  "package_feerate": 20
 },
 "abandonWalletTransaction": {
  "txid": "486ad4cde15387117c4229cf1357ba4817968ffd911d06f905b80385726c27ca",
  "amount": -10000,
  "fee": 282,
  "confirmations": 0,
  "block_hash": null,
  "block_height": null,
  "time": 1795704569,
  "is_replaceable": null,
  "is_abandoned": true,
  "replaced_by": null,
  "movements": [
   {
    "category": "send",
    "address": "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
    "label": null,
    "amount": -10000,
    "vout": 1
   }
  ]
 },
 "rpcMethods": [
  {
   "name": "abandontransaction",
   "category": "wallet",
   "needs_wallet": true,
   "is_elsewhere": false,
   "call": "abandontransaction \"txid\"",
   "help": "abandontransaction \"txid\"\n\nGives up a transaction of the wallet that is in neither block nor mempool, and those that depend on it, so that what they\nspend can be spent otherwise. It does nothing where that was done before.\n\nArguments:\n1. txid    (string, required) The transaction id\n\nResult:\nnull    (json null)\n\nExamples:\n> bitcoin-cli abandontransaction \"1075db55d416d3ca199f55b6084e2115b9345e16c5cf302fc80e9d5fbf5d48d\"\n> curl --user myusername --data-binary '{\"jsonrpc\": \"2.0\", \"id\": \"curltest\", \"method\": \"abandontransaction\", \"params\": [\"1075db55d416d3ca199f55b6084e2115b9345e16c5cf302fc80e9d5fbf5d48d\"]}' -H 'content-type: application/json' http://127.0.0.1:8332/\n",
   "params": [
    {
     "name": "txid",
     "aliases": [],
     "is_required": true,
     "default_hint": null,
     "is_text": true,
     "schema": {
      "type": "string",
      "pattern": "^([0-9a-fA-F]{2})*$",
      "description": "The transaction id"
     }
    }
   ],
   "results": [
    {
     "condition": null,
     "schema": {
      "type": "null"
     }
    }
   ],
   "examples": [
    [
     "\"1075db55d416d3ca199f55b6084e2115b9345e16c5cf302fc80e9d5fbf5d48d\""
    ]
   ]
  },
  {
   "name": "abortrescan",
   "category": "wallet",
   "needs_wallet": true,
   "is_elsewhere": false,
   "call": "abortrescan",
   "help": "abortrescan\n\nEnds the search of blocks that a call has begun, as rescanblockchain.\n\nResult:\ntrue|false    (boolean) Whether there was one to end\n\nExamples:\n> bitcoin-cli abortrescan \n> curl --user myusername --data-binary '{\"jsonrpc\": \"2.0\", \"id\": \"curltest\", \"method\": \"abortrescan\", \"params\": []}' -H 'content-type: application/json' http://127.0.0.1:8332/\n",
   "params": [],
   "results": [
    {
     "condition": null,
     "schema": {
      "type": "boolean",
      "description": "Whether there was one to end"
     }
    }
   ],
   "examples": [
    []
   ]
  }
 ],
 "callRpc": {
  "result": "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"
 }
};
