// Filters, edges and shapes in a drawn picture.
import {digest, print, require} from "./package.mjs";

const {cv} = require("opencv-wasm");
const picture = new cv.Mat(120, 160, cv.CV_8UC3, new cv.Scalar(10, 40, 90));
cv.circle(picture, new cv.Point(60, 60), 35, new cv.Scalar(200, 180, 20), -1);
cv.rectangle(picture, new cv.Point(90, 20), new cv.Point(150, 100), new cv.Scalar(30, 220, 120), 4);
cv.putText(picture, "wasm", new cv.Point(8, 110), cv.FONT_HERSHEY_SIMPLEX, 0.9, new cv.Scalar(255, 255, 255), 2);
const [grey, soft, edges, shapes, tree, small] = Array.from({length: 6}, () => new cv.Mat());
cv.cvtColor(picture, grey, cv.COLOR_RGB2GRAY);
cv.GaussianBlur(grey, soft, new cv.Size(5, 5), 1.2);
cv.Canny(soft, edges, 40, 120);
const contours = new cv.MatVector();
cv.findContours(edges, contours, tree, cv.RETR_TREE, cv.CHAIN_APPROX_SIMPLE);
cv.resize(picture, small, new cv.Size(63, 47), 0, 0, cv.INTER_CUBIC);
for (const mat of [picture, grey, soft, edges, small]) {
    print(mat.rows, mat.cols, digest(mat.data));
}
for (let i = 0; i < contours.size(); i++) {
    print(contours.get(i).rows, cv.contourArea(contours.get(i)), cv.arcLength(contours.get(i), true));
}
