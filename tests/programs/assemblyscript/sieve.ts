// The sieve of Eratosthenes over a typed array, and a map of strings.
const LIMIT = 200000;
const composite = new Uint8Array(LIMIT);
let primes = 0;
for (let i = 2; i < LIMIT; i++) {
  if (composite[i]) continue;
  primes++;
  for (let j = i * 2; j < LIMIT; j += i) composite[j] = 1;
}
const digits = new Map<string, i32>();
for (let i = 0; i < 2000; i++) {
  const key = (i % 37).toString();
  digits.set(key, digits.has(key) ? digits.get(key) + 1 : 1);
}
console.log(primes.toString() + " primes, " + digits.size.toString() + " keys");
