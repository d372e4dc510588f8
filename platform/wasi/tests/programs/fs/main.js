import * as std from "qjs:std";
import * as os from "qjs:os";

const primes = [];
for (let n = 2n; primes.length < 50; n++) if (primes.every((p) => n % p)) primes.push(n);
print(primes.reduce((a, b) => a * b).toString());
os.mkdir("/tmp/d");
const file = std.open("/tmp/d/a.txt", "w");
file.puts("hello é\n");
file.close();
os.rename("/tmp/d/a.txt", "/tmp/d/b.txt");
print(os.readdir("/tmp/d")[0].sort().join(" "), std.loadFile("/tmp/d/b.txt").trim());
print(JSON.stringify(std.in.readAsString().match(/\p{Lu}\w*/gu)));
print([3, 1, 2].toSorted().join(), Math.sin(1).toFixed(12), new Date(0).toISOString());
