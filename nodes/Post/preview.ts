/** A run by hand writes to nobody: it shows each letter as a PDF and as a picture with the window drawn on it. */
import { judge } from '../../core/dispatch/rules';
import { addressLines } from '../../core/letters/addressLines';
import { wordsOf } from '../../core/letters/findings';
import { pagePicture } from '../../core/letters/picture';
import { renderLetters } from '../../core/letters/renderLetters';
import type { FileOut, Out, Outputs, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import type { Parameters } from './form';
import { type Prepared, specimenOf } from './prepare';

/** So many letters are shown; the others are only looked over. */
const MOST_SHOWN = 20;
const SCREEN_DPI = 80;

export async function preview(
	ctx: StepContext,
	store: Store,
	params: Parameters,
	prepared: readonly Prepared[],
	zone: string,
): Promise<Outputs> {
	if (prepared.length === 0) return [[], []];
	const verdicts = await judge(
		store.db,
		store,
		{ channel: 'letter', now: ctx.clock.now(), zone },
		prepared.map(({ who, address, purpose }) => ({
			key: String(who.index),
			personId: who.personId,
			purpose,
			address,
			consentNotNeeded: !params.options.onlyWithConsent,
		})),
	);
	const would: Out[] = [];
	const wouldNot: Out[] = [];
	let pages = 0;
	for (const [place, one] of prepared.entries()) {
		const verdict = verdicts.get(String(one.who.index));
		const no =
			one.impossible ??
			(verdict?.verdict === 'skip' ? { reason: verdict.reason, code: verdict.code as string } : undefined);
		const made = await madeOf(one, place < MOST_SHOWN);
		if (!no) pages += made.pages;
		const letter = {
			state: 'preview',
			...(no ?? {}),
			...(made.findings.length > 0 ? { findings: made.findings } : {}),
			pages: made.pages,
			address: addressLines(one.content.recipient).lines,
			...(params.options.pricePerLetter > 0 ? { price: params.options.pricePerLetter } : {}),
		};
		(no ? wouldNot : would).push({
			json: { ...one.who.json, letter },
			from: one.who.index,
			...(made.files.length > 0 ? { files: made.files } : {}),
		});
	}
	const { pricePerLetter } = params.options;
	const price =
		pricePerLetter > 0
			? `, about ${(would.length * pricePerLetter).toFixed(2).replace('.00', '')} kroner`
			: '';
	ctx.hint(
		`Test run: ${would.length} would get a letter, ${pages} ${pages === 1 ? 'page' : 'pages'} in all${price}; ${wouldNot.length} would not. Nothing is collected or handed over.`,
	);
	return [would, wouldNot];
}

async function madeOf(
	{ letters, content, options }: Prepared,
	show: boolean,
): Promise<{ pages: number; findings: string[]; files: FileOut[] }> {
	const spec = await letters.specOf({ ref: specimenOf(content), content });
	const { files, refused } = await renderLetters([spec], options);
	const findings = (refused[0]?.findings ?? []).map((one) => wordsOf(one));
	const [file] = files;
	if (!file?.pdf) return { pages: 0, findings, files: [] };
	const out: FileOut[] = [];
	if (show) {
		out.push({ name: 'letter.pdf', mimeType: 'application/pdf', bytes: file.pdf });
		const { envelopes, windowSide } = options;
		const picture = await pagePicture(file.pdf, { dpi: SCREEN_DPI, envelopes, windowSide });
		out.push({ name: 'letter.png', mimeType: 'image/png', bytes: picture.png });
	}
	return { pages: file.letters[0]?.pages ?? file.pages, findings, files: out };
}
