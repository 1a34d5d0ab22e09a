import AirlockEthereumTypes
import AirlockTransactions

/// Transactions of every form. Most of them contain a value at a limit. One key signed all of them. They were made with
/// the Python packages rlp and eth-keys, and eth-account recovered the sender of each.
struct Fixture: Sendable {
    let testDescription: String
    let transaction: UnsignedTransaction
    let unsigned: String
    let signingHash: String
    let raw: String
    let hash: String

    static let sender = "0x663732a6293933240255FEa98115166f31b82e3C"

    static let all = [
        Fixture(
            testDescription: "type 2",
            transaction: UnsignedTransaction(
                nonce: 7, gas: 180_000, to: contract, value: 0,
                data: bytes("04e0fc36") + [UInt8](repeating: 0, count: 60) + [UInt8](repeating: 1, count: 20),
                form: .dynamicFee(
                    chainID: 8453, maxPriorityFeePerGas: 1_000_000, maxFeePerGas: 30_000_000,
                    accessList: [])),
            unsigned: "02f87e82210507830f42408401c9c3808302bf209403059433bcdb6144624cc2443159d9445c32b7a880b85404e0fc36"
                + "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
                + "0000000000000000000000000101010101010101010101010101010101010101c0",
            signingHash: "dc6757f3609073acbf899da7f429f36317ff4ac4eb77cbfd44e02ee969f6f09f",
            raw: "02f8c182210507830f42408401c9c3808302bf209403059433bcdb6144624cc2443159d9445c32b7a880b85404e0fc36"
                + "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
                + "0000000000000000000000000101010101010101010101010101010101010101c001a0ea10301d3a1f48ca9a5bf91117"
                + "98644ded80b5676d355cfb8bd61f1cb7a9afb0a0552ced49d2d32c965a7724e3d8147d65ef44691f6d6ed16b4af20862"
                + "4087344b",
            hash: "cd11ee6a941c94d1cc23fc4b00287e7fead11044f03b63c8771f22369e2dfe66"),
        Fixture(
            testDescription: "type 2, creation, nonce 0, value 0",
            transaction: UnsignedTransaction(
                nonce: 0, gas: 53000, to: nil, value: 0, data: [0x60, 0x00, 0x5f, 0xf3],
                form: .dynamicFee(
                    chainID: 1, maxPriorityFeePerGas: 0, maxFeePerGas: 0,
                    accessList: [])),
            unsigned: "02cf0180808082cf0880808460005ff3c0",
            signingHash: "1121aecb83be38d9cec80ee4cf6b839b75a06fd378e13e4305599145c35aee2b",
            raw: "02f8520180808082cf0880808460005ff3c080a019ab6661886a7d09b3cf0e6ead1d80a53248daeddce4d041e1125d3c"
                + "0d103731a0711128dbc0c51d413bd9637fd484f65b283c3fd09deaa19cd9744ff55c697dc0",
            hash: "039fce3ad781ea2d9d5f89980ee1292a53365f6950996b65a906e73bf91371be"),
        Fixture(
            testDescription: "type 2, access list, chain id above 2^32, nonce 128",
            transaction: UnsignedTransaction(
                nonce: 128, gas: 1 << 63, to: contract, value: .max, data: [0x7f],
                form: .dynamicFee(
                    chainID: 1_099_511_627_781, maxPriorityFeePerGas: 127, maxFeePerGas: 128,
                    accessList: [
                        AccessListEntry(address: contract, storageKeys: [word(0), word(.max)]),
                        AccessListEntry(address: .zero, storageKeys: []),
                    ])),
            unsigned: "02f8c08601000000000581807f81808880000000000000009403059433bcdb6144624cc2443159d9445c32b7a8a0ffff"
                + "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7ff872f8599403059433bcdb6144624cc244"
                + "3159d9445c32b7a8f842a00000000000000000000000000000000000000000000000000000000000000000a0ffffffff"
                + "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffd694000000000000000000000000000000000000"
                + "0000c0",
            signingHash: "a3656887c2e2decaf03d3cfbf8f9171d7564e8edcc1530aa4deb61f9635bf15c",
            raw: "02f901038601000000000581807f81808880000000000000009403059433bcdb6144624cc2443159d9445c32b7a8a0ff"
                + "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7ff872f8599403059433bcdb6144624cc2"
                + "443159d9445c32b7a8f842a00000000000000000000000000000000000000000000000000000000000000000a0ffffff"
                + "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd6940000000000000000000000000000000000"
                + "000000c001a0a4965be09104dadcf2e7a0087b7b47b3f232e9c13ca3b7804c8c743b240d29c2a076a1150b92f21e7225"
                + "d90fbd507d8ddec4491aa6ec77a880730a48479066f7b1",
            hash: "b98d61fea54bf98038bf8f0ed44dc6070916f4724bee6675c3f507bc02283860"),
        Fixture(
            testDescription: "type 1, access list, nonce 256",
            transaction: UnsignedTransaction(
                nonce: 256, gas: 30000, to: .zero, value: 1, data: [],
                form: .accessList(
                    chainID: 137, gasPrice: 100_000_000_000,
                    accessList: [AccessListEntry(address: contract, storageKeys: [word(1)])])),
            unsigned: "01f85f818982010085174876e8008275309400000000000000000000000000000000000000000180f838f79403059433"
                + "bcdb6144624cc2443159d9445c32b7a8e1a0000000000000000000000000000000000000000000000000000000000000"
                + "0001",
            signingHash: "4d01298ef3b25fce30f34b9ea9ac938260b2072d2a93fb2e5acd517a6f6aad59",
            raw: "01f8a2818982010085174876e8008275309400000000000000000000000000000000000000000180f838f79403059433"
                + "bcdb6144624cc2443159d9445c32b7a8e1a0000000000000000000000000000000000000000000000000000000000000"
                + "000180a08c7d6cf0a69792f1874fedf3167221d76465ec091807e8f84857dce69c2fbdd2a03e29f33f9ea90e46e3bbc1"
                + "776aed5d212bb0c544c2d51a186a2aea69f1067993",
            hash: "cc1b24b2daa4e1c216d91faf11fc9e9e04449ff7e4315e684ca156045f1d17ff"),
        Fixture(
            testDescription: "type 1, empty access list, nonce 255",
            transaction: UnsignedTransaction(
                nonce: 255, gas: 256, to: contract, value: 127, data: [0x80],
                form: .accessList(chainID: 1, gasPrice: 255, accessList: [])),
            unsigned: "01e10181ff81ff8201009403059433bcdb6144624cc2443159d9445c32b7a87f8180c0",
            signingHash: "a5de93fd028d2d029772b4d476aa0eb37189fbf9c881af0c60edfd53ff638206",
            raw: "01f8640181ff81ff8201009403059433bcdb6144624cc2443159d9445c32b7a87f8180c001a09c78ba5c98741982506f"
                + "95b74ef4eb80a8eb2cc9bbcf90a6080f32767c51177aa07d635b68c2084740e61e34805663a499985ea276c5084542b6"
                + "9e3a7380904b27",
            hash: "960bcac9523cb072fd168065515cf411798b13f90a484f645155c17a7ac24319"),
        Fixture(
            testDescription: "type 0 with EIP-155, nonce 127",
            transaction: UnsignedTransaction(
                nonce: 127, gas: 21000, to: contract, value: 1_000_000_000_000_000_000, data: [],
                form: .legacy(chainID: 1, gasPrice: 20_000_000_000)),
            unsigned: "ec7f8504a817c8008252089403059433bcdb6144624cc2443159d9445c32b7a8880de0b6b3a764000080018080",
            signingHash: "b1f91c0810abf3292533fc0ac3cf693d5f1bcb51ceec5f21d319aca387272734",
            raw: "f86c7f8504a817c8008252089403059433bcdb6144624cc2443159d9445c32b7a8880de0b6b3a76400008025a0e542b4"
                + "a19ff6d844b2e4aab6e53a4adca2ac8ab36be5c31d8790d37e0d63425aa068766d06d2b32735e5411c50dc351426fc12"
                + "9b3f93376d9bd78c93f07ce3f2d2",
            hash: "ac49ecb1132cd53289cd21748180186173cb94d310e3131ebf17d03b5ad6b485"),
        Fixture(
            testDescription: "type 0 with EIP-155, the greatest chain id",
            transaction: UnsignedTransaction(
                nonce: 1, gas: 21000, to: contract, value: 0, data: [],
                form: .legacy(chainID: .max, gasPrice: 1)),
            unsigned: "e701018252089403059433bcdb6144624cc2443159d9445c32b7a8808088ffffffffffffffff8080",
            signingHash: "c6a4e49d01a6995dbbe77cc2e2e5291ed51141d5d894d5663f7478ffdf7e542f",
            raw: "f86801018252089403059433bcdb6144624cc2443159d9445c32b7a8808089020000000000000021a048d46c07ab1016"
                + "d4127b6234174c623869a18a042019c171bb5dc64e75dd0cb9a0095e01bdb8c7425640fcd504fe9d50e13ccf3da37a6a"
                + "85161a0e09632b294f82",
            hash: "8191016033fbb3fffea627b1779faba8f16f4cd28a49687f2e50fe067ea92f09"),
        Fixture(
            testDescription: "type 0 before EIP-155, creation",
            transaction: UnsignedTransaction(
                nonce: .max - 1, gas: 100_000, to: nil, value: 0, data: [0x60, 0x00],
                form: .legacy(chainID: nil, gasPrice: 1_000_000_000)),
            unsigned: "d788fffffffffffffffe843b9aca00830186a08080826000",
            signingHash: "a68ec8f08270704b3b7b33f9abacafb79af759e1303b5102b8ccf1ffbf664a34",
            raw: "f85a88fffffffffffffffe843b9aca00830186a080808260001ba0e1622c9e9570cac3372f95ab5ffa289c7a670576b4"
                + "6e5509c3b937cb2ccaa661a048b3190d9a9518a11ba37ae50c1f2b2de7bad324a797335af9ecf9378d0f3a73",
            hash: "fbf8007ebc981fbdfbb82ad8ebd77554394af6b04d3bc16773191c6e9bdae3f4"),
        Fixture(
            testDescription: "type 2, r with one leading zero byte",
            transaction: UnsignedTransaction(
                nonce: 1, gas: 21000, to: contract, value: 3, data: [],
                form: .dynamicFee(
                    chainID: 8453, maxPriorityFeePerGas: 1, maxFeePerGas: 2,
                    accessList: [])),
            unsigned: "02e18221050101028252089403059433bcdb6144624cc2443159d9445c32b7a80380c0",
            signingHash: "2dfdd4f5b738df6b1d5fbcc9f230f49db0973808a5833c61f9f3e3c558eb446a",
            raw: "02f8638221050101028252089403059433bcdb6144624cc2443159d9445c32b7a80380c0019fb7b6a814263a78f3f9e7"
                + "385044ee09f6d24cc11ec32db35cb3ee6fa3820172a0393678251244c7bb58c1229b439d40bf8c8a76addb4c1cc6b073"
                + "e58a2ca61c64",
            hash: "0112462d2ec92f564908b78965e066bf2dc4c7340b36b2870930f2fa6b7f1e0f"),
        Fixture(
            testDescription: "type 2, r with two leading zero bytes",
            transaction: UnsignedTransaction(
                nonce: 1, gas: 21000, to: contract, value: 3, data: [],
                form: .dynamicFee(
                    chainID: 8453, maxPriorityFeePerGas: 1, maxFeePerGas: 2,
                    accessList: [])),
            unsigned: "02e18221050101028252089403059433bcdb6144624cc2443159d9445c32b7a80380c0",
            signingHash: "2dfdd4f5b738df6b1d5fbcc9f230f49db0973808a5833c61f9f3e3c558eb446a",
            raw: "02f8628221050101028252089403059433bcdb6144624cc2443159d9445c32b7a80380c0019ee923267814ca4a871b09"
                + "2f02df515d194c8f7ee392c4808a65f400a1d298a02bd8d31ed48503a1dd7d7c6f6d182b4e1cdfeff46a9ee00ed92715"
                + "6d74adceed",
            hash: "d7e493c655b14bd4b809c0b68bf740510c9f4583113618e608711059aea6f508"),
        Fixture(
            testDescription: "type 2, s with one leading zero byte",
            transaction: UnsignedTransaction(
                nonce: 1, gas: 21000, to: contract, value: 3, data: [],
                form: .dynamicFee(
                    chainID: 8453, maxPriorityFeePerGas: 1, maxFeePerGas: 2,
                    accessList: [])),
            unsigned: "02e18221050101028252089403059433bcdb6144624cc2443159d9445c32b7a80380c0",
            signingHash: "2dfdd4f5b738df6b1d5fbcc9f230f49db0973808a5833c61f9f3e3c558eb446a",
            raw: "02f8638221050101028252089403059433bcdb6144624cc2443159d9445c32b7a80380c080a0027ae66a98d076d02756"
                + "26f17096ebbd01875f39251d71deb723100f2432bb279fe6906d6123f38e58e2b16775b64d016fe7202e278bc9e61420"
                + "ccf118b196b7",
            hash: "4fa4cbeeb361fab41c83b91230055b4acd69dc4a46b5ad06cf3aa6fb4315d2d7"),
        Fixture(
            testDescription: "type 0, s with two leading zero bytes",
            transaction: UnsignedTransaction(
                nonce: 1, gas: 21000, to: contract, value: 3, data: [],
                form: .legacy(chainID: 137, gasPrice: 2)),
            unsigned: "e001028252089403059433bcdb6144624cc2443159d9445c32b7a8038081898080",
            signingHash: "056983aa289b67cb5a363aa1caf4f3712aa89050712f231a1569309d721ec0f5",
            raw: "f85f01028252089403059433bcdb6144624cc2443159d9445c32b7a80380820135a0c907654fee1894e6471aed5cb777"
                + "c3ce48f5fac2f868fe9f967b0664b4ead3479ea0bd1b192c3c8cac34ac9aecddf00fabebca1226643b2d5aff66348f98"
                + "4c",
            hash: "2874bb4657badb7012bf5c23d99e1ec932a40e11a651e166d45fe58ef366a908"),
    ]
}

private let contract = Address(FixedBytes(bytes("03059433bcdb6144624cc2443159d9445c32b7a8")) ?? .zero)

private func word(_ number: UInt256) -> FixedBytes<32> { number.word }

func bytes(_ digits: String) -> [UInt8] { (try? Hex.decode(digits: digits)) ?? [] }
