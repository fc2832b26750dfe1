/**
 * Files that letters are made with and that are no code: fonts, and the compiled PDF reader. A built package carries them
 * in `letters/` beside its bundle (see `carriedFiles`); a checkout reads them where their npm packages have them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const google = (family: string, file: string, styles: readonly string[]) =>
	styles.map((style) => `@expo-google-fonts/${family}/${style}/${file}_${style}.ttf`);
const styles = ['400Regular', '700Bold', '400Regular_Italic', '700Bold_Italic'] as const;

export const FONT_FILES = [
	...google('arimo', 'Arimo', styles),
	...google('cousine', 'Cousine', styles),
	...google('open-sans', 'OpenSans', styles),
	...google('tinos', 'Tinos', styles),
];
export const PDF_READER = '@embedpdf/pdfium/pdfium.wasm';

const FOLDER = 'letters';

/** @param asset one of those above. */
export function carriedPath(asset: string): string {
	const built = join(__dirname, FOLDER, baseName(asset));
	return existsSync(built) ? built : createRequire(__filename).resolve(asset);
}

export function carriedFile(asset: string): Buffer {
	return readFileSync(carriedPath(asset));
}

/**
 * For the build: what to copy, and where to, from the bundle's folder. pdfkit looks for the colour profile of a PDF/A in
 * `data/` beside the script that it is part of.
 */
export function carriedFiles(): Array<{ from: string; to: string }> {
	const { resolve } = createRequire(__filename);
	const profile = 'data/sRGB_IEC61966_2_1.icc';
	return [
		...[...FONT_FILES, PDF_READER].map((asset) => ({
			from: resolve(asset),
			to: `${FOLDER}/${baseName(asset)}`,
		})),
		{ from: join(dirname(resolve('pdfkit')), profile), to: profile },
	];
}

function baseName(asset: string): string {
	return asset.slice(asset.lastIndexOf('/') + 1);
}
