// BUILD: a picture with curves, gradients and an effect, drawn without a display; its pixels and the PNG's bytes.
import {digest, print, require} from "./package.mjs";

const kit = await require(process.argv[3])();
const surface = kit.MakeSurface(200, 150);
const canvas = surface.getCanvas();
canvas.clear(kit.WHITE);
const paint = new kit.Paint();
paint.setAntiAlias(true);
paint.setShader(kit.Shader.MakeLinearGradient([0, 0], [200, 150], [kit.RED, kit.BLUE, kit.Color(20, 200, 90, 0.5)], [0, 0.4, 1], kit.TileMode.Mirror));
canvas.drawCircle(90, 70, 55, paint);
const path = kit.Path.MakeFromSVGString("M10 140 C 60 10, 140 10, 190 140 S 100 90 10 140 Z");
paint.setShader(null);
paint.setStyle(kit.PaintStyle.Stroke);
paint.setStrokeWidth(3.5);
paint.setPathEffect(kit.PathEffect.MakeDash([9, 4], 2));
canvas.rotate(7, 100, 75);
canvas.drawPath(path, paint);
paint.setMaskFilter(kit.MaskFilter.MakeBlur(kit.BlurStyle.Normal, 3, true));
canvas.drawRRect(kit.RRectXY(kit.LTRBRect(40, 40, 160, 120), 12, 7), paint);
surface.flush();
const image = surface.makeImageSnapshot();
print(path.toSVGString());
print(digest(image.readPixels(0, 0, {width: 200, height: 150, colorType: kit.ColorType.RGBA_8888, alphaType: kit.AlphaType.Unpremul,
                                     colorSpace: kit.ColorSpace.SRGB})));
print(digest(image.encodeToBytes()));
