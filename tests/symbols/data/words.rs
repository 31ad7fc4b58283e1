//! Closures, traits, generics and the standard library, inlined into each other; the same each time, so without random hashes.
use std::collections::hash_map::DefaultHasher;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

type Counts = HashMap<String, u32, BuildHasherDefault<DefaultHasher>>;

#[inline(always)]
fn bump(counts: &mut Counts, word: &str) {
    *counts.entry(word.to_string()).or_insert(0) += 1;
}

mod deep {
    pub mod er {
        pub trait Area {
            fn area(&self) -> u64;
        }
        pub struct Square(pub u64);
        impl Area for Square {
            #[inline(never)]
            fn area(&self) -> u64 {
                self.0 * self.0
            }
        }
    }
}

use deep::er::Area;

fn main() {
    let mut counts = Counts::default();
    for i in 0..200u32 {
        bump(&mut counts, &format!("k{}", i % 17));
    }
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort();
    let sum: u64 = sorted.iter().map(|(word, n)| word.len() as u64 * *n as u64).sum();
    println!("{} {}", sum, deep::er::Square(sum).area());
}
