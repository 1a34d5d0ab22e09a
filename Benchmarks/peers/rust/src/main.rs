//! Times what Rust's crates take for the rows of the benchmarks, and prints the figures as JSON.
//!
//! usage: airlock-peers CHARGE

use std::hint::black_box;
use std::time::Instant;

use sha3::Digest;
use tiny_keccak::Hasher;

/// The hashes of the bytes 0, 1, 2 … of each size.
const HASHES: [(&str, usize, &str); 5] = [
    ("32B", 32, "8ae1aa597fa146ebd3aa2ceddf360668dea5e526567e92b0321816a4e895bd2d"),
    ("136B", 136, "7ce759f1ab7f9ce437719970c26b0a66ff11fe3e38e17df89cf5d29c7d7f807e"),
    ("516B", 516, "2d8507a045cf3f8e749eb50c9fb173f57c82ba7891f834ba2b8f3fa8cbdd49f1"),
    ("1KiB", 1 << 10, "5902e53903be0d0f9656bdbd5b9f0d8c2d815f865645d629eef77f5185f6cd7f"),
    ("64KiB", 1 << 16, "c08f0bb275258a9414387aea0572ede249d46d06e04df5a538f3b614f94ad8db"),
];

/// The median of many turns of about 0.1 ms, in nanoseconds.
fn measure<T>(mut work: impl FnMut() -> T) -> f64 {
    let mut turn = |count: u32| {
        let start = Instant::now();
        for _ in 0..count {
            black_box(work());
        }
        start.elapsed().as_nanos() as f64 / count as f64
    };
    let count = (100_000.0 / turn(100)).max(1.0) as u32;
    let mut times: Vec<f64> = (0..301).map(|_| turn(count)).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn by_sha3(message: &[u8]) -> [u8; 32] {
    sha3::Keccak256::digest(message).into()
}

fn by_tiny_keccak(message: &[u8]) -> [u8; 32] {
    let mut digest = [0; 32];
    let mut hasher = tiny_keccak::Keccak::v256();
    hasher.update(message);
    hasher.finalize(&mut digest);
    digest
}

fn main() {
    let charge = std::fs::read(std::env::args().nth(1).expect("usage: airlock-peers CHARGE")).expect("no charge");
    let mut rows = Vec::new();
    let mut add = |row: &str, peer: &str, nanoseconds: f64| {
        rows.push(serde_json::json!({ "row": row, "peer": format!("{peer} (Rust)"), "ns": nanoseconds }));
    };
    for (name, size, hash) in HASHES {
        let message: Vec<u8> = (0..size).map(|index| index as u8).collect();
        let row = format!("keccak/{name}");
        assert_eq!(hex::encode(by_sha3(&message)), hash);
        assert_eq!(hex::encode(by_tiny_keccak(&message)), hash);
        add(&row, "sha3 0.10", measure(|| by_sha3(black_box(&message))));
        add(&row, "tiny-keccak 2", measure(|| by_tiny_keccak(black_box(&message))));
    }
    let bytes: Vec<u8> = (0..702).map(|index: usize| (index * 37) as u8).collect();
    let text = hex::encode(&bytes);
    assert_eq!(hex::decode(&text).expect("hex"), bytes);
    add("hex/encode/702B", "hex 0.4", measure(|| hex::encode(black_box(&bytes))));
    add("hex/decode/702B", "hex 0.4", measure(|| hex::decode(black_box(&text))));
    let read = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text);
    assert!(read(&charge).expect("JSON")["data"]["web3_data"]["transfer_intent"].is_object());
    add("json/charge", "serde_json 1", measure(|| read(black_box(&charge))));
    println!("{}", serde_json::Value::Array(rows));
}
