// Reads a line of letters that are drawn here; CORE is the build: relaxed SIMD, SIMD or neither.
import {readFileSync} from "node:fs";
import {gunzipSync} from "node:zlib";
import {path, print, require} from "./package.mjs";

const GLYPHS = {A: "0e11111f111111", D: "1e11111111111e", E: "1f10101e10101f", L: "1010101010101f", M: "111b1515111111", O: "0e11111111110e",
                R: "1e11111e141211", S: "0f10100e01011e", T: "1f040404040404", Y: "11110a04040404"};
const SCALE = 6;

function picture(line) {
    const width = (line.length * 6 + 6) * SCALE, height = 15 * SCALE;
    const pixels = Buffer.alloc(width * height, 255);
    [...line].forEach((letter, n) => Buffer.from(GLYPHS[letter] ?? "00000000000000", "hex").forEach((row, y) => {
        for (let x = 0; x < 5 * SCALE; x++) {
            for (let j = 0; j < SCALE && row >> (4 - Math.floor(x / SCALE)) & 1; j++) {
                pixels[((y + 4) * SCALE + j) * width + (n * 6 + 3) * SCALE + x] = 20;
            }
        }
    }));
    return Buffer.concat([Buffer.from(`P5 ${width} ${height} 255\n`), pixels]);
}

const core = await require(path("tesseract.js-core", `tesseract-core${process.argv[3]}.js`))({print() {}, printErr() {}});
core.FS.writeFile("eng.traineddata", gunzipSync(readFileSync(path("@tesseract.js-data/eng/4.0.0_best_int/eng.traineddata.gz"))));
core.FS.writeFile("/input", picture("TOTAL MEMORY STORES LOADED"));
const api = new core.TessBaseAPI();
print(api.Init(".", "eng", 1));
print(api.SetImageFile(0, 0, false));
api.Recognize(null);
print(JSON.stringify(api.GetUTF8Text()), api.MeanTextConf());
print(api.GetTSVText(0));
api.End();
