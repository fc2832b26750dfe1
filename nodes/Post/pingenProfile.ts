/** Pingen's API, version 2: letter by letter, each a PDF of its own. */
import { renderLetters } from '../../core/letters/renderLetters';
import { wordsOf } from '../../core/letters/findings';
import { StepProblem } from '../../core/ports';
import type { StepContext } from '../../core/step';
import { keepSetting, settingOf } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import { storeMark } from '../../providers/callback';
import { type PingenClient, type PrintOptions, pingenClient, products } from '../../providers/pingen/client';
import { lookForEvents, ownEvent, readWebhook, registerWebhooks } from '../../providers/pingen/events';
import { type PingenSettings, readPingenSettings } from '../../providers/pingen/settings';
import { PROVIDER, pingenTransfer } from '../../providers/pingen/transfer';
import { z } from 'zod/v4';
import { letterContent } from './content';
import type { PrintProfile } from './profile';

const DAY = 86_400_000;
/** Before the first look; later looks go back to the one before and a little further. */
const FIRST_LOOK_BACK = 30 * DAY;
const LOOK_BACK = 2 * DAY;

const settings = z.object({ product: z.enum(products) });

async function reached(ctx: StepContext): Promise<{ client: PingenClient; account: PingenSettings }> {
	const account = readPingenSettings(await ctx.credentials('pingenApi'));
	return { client: pingenClient(ctx.http, ctx.clock, account), account };
}

export const pingenProfile: PrintProfile = {
	provider: PROVIDER,

	settings: ({ pingenProduct }) => ({ product: pingenProduct }) satisfies z.infer<typeof settings>,

	async transfer({ ctx, store, settings: raw, letters }) {
		const { product } = settings.parse(raw);
		const { options } = letters;
		const how: PrintOptions = {
			product,
			duplex: options.duplex ?? true,
			colour: options.colour ?? false,
			windowSide: options.windowSide ?? 'left',
		};
		return pingenTransfer({
			client: (await reached(ctx)).client,
			clock: ctx.clock,
			mark: await storeMark(store),
			options: how,
			async render(item) {
				const { files, refused } = await renderLetters([await letters.specOf(item)], options);
				const [file] = files;
				const [finding] = refused[0]?.findings ?? [];
				if (!file?.pdf) throw new StepProblem(finding ? wordsOf(finding) : 'The letter cannot be made.');
				const { recipient } = letterContent.parse(item.content);
				return {
					pdf: file.pdf,
					pages: file.pages,
					recipient: {
						name: recipient.name,
						street: recipient.lines.join(', '),
						zip: recipient.postalCode,
						city: recipient.city,
						country: recipient.country?.toUpperCase() ?? 'NO',
					},
				};
			},
		});
	},

	async look({ ctx, store, stepId }) {
		const { client } = await reached(ctx);
		const began = ctx.clock.now();
		const since = await lookedAt(store, stepId, began);
		const events = await lookForEvents(client, await storeMark(store), since);
		return { events, notes: [], done: () => lookedNow(store, stepId, began) };
	},

	async heard({ ctx, store }, { headers, raw }) {
		// Whoever sends no signature is not Pingen, but perhaps the page.
		if (!headers['signature']) return undefined;
		const { client, account } = await reached(ctx);
		const read = readWebhook(raw, headers, account.signingKey, ctx.clock.now());
		if (!read.genuine) {
			ctx.log('warn', `A report of letters was refused: it came ${read.why}.`);
			return { status: 401, events: [] };
		}
		const own = read.event && (await ownEvent(client, await storeMark(store), read.event));
		return { status: 200, events: own ? [own] : [] };
	},

	async registered(ctx, _params, url) {
		const { client, account } = await reached(ctx);
		if (account.signingKey === '' || !url.startsWith('https://')) return;
		const { refused } = await registerWebhooks(client, url, account.signingKey);
		if (refused[0])
			ctx.log('warn', `Pingen takes no address to report to, so it is asked instead: ${refused[0]}`);
	},
};

const keyOf = (stepId: number) => `letters looked ${stepId}`;

async function lookedAt(store: Store, stepId: number, now: number): Promise<number> {
	const before = Number(await settingOf(store.db, keyOf(stepId)));
	return Number.isFinite(before) && before > 0 ? before - LOOK_BACK : now - FIRST_LOOK_BACK;
}

function lookedNow(store: Store, stepId: number, at: number): Promise<void> {
	return keepSetting(store.db, keyOf(stepId), String(at));
}
