/**
 * Reads a feed into the store at the address given, from where it was left, and books what comes out, until it is all done.
 * Says how far it is, a line before each write; made to be killed.
 */
import { bookGifts } from '../../../core/gifts/book';
import { takeIn } from '../../../core/gifts/incoming';
import { incomingIdOf } from '../../../core/gifts/item';
import { letOut, outboxCounts } from '../../../core/gifts/outbox';
import { clockFrom } from '../../../core/journeys/clock';
import { settingOf } from '../../../core/store/setting';
import { openStore } from '../../../core/store/store';
import { feedOf } from './feed';

const [url = '', seed = '1', pages = '1', perPage = '1', step = '1', later = '0'] = process.argv.slice(2);
const say = (word: string) => void process.stdout.write(`${word}\n`);

const store = await openStore({ url });
// Leases of the one that was killed have run out by now.
const clock = clockFrom(() => Date.now() + Number(later));
const feed = feedOf(Number(seed), Number(pages), Number(perPage));
const id = Number(step);
const stop = letOut(
	store,
	clock,
	id,
	async (outputs) => {
		const ids = outputs.flat().flatMap(({ json }) => incomingIdOf(json) ?? []);
		say('book');
		await bookGifts(
			store,
			clock,
			ids.map((incomingId) => ({ incomingId, personId: null, receipt: true })),
		);
		say('booked');
		return { end: 'done' };
	},
	() => undefined,
	{ chunk: 3 },
);
for (let page = Number((await settingOf(store.db, 'feed')) ?? 0); page < feed.pages.length; page += 1) {
	say('page');
	await takeIn(store, clock, {
		...feed.pages[page],
		step: { id, outputs: { gift: 0, reversed: 1 } },
		remember: { key: 'feed', value: String(page + 1) },
	});
}
for (;;) {
	const { waiting, out } = await outboxCounts(store, id);
	if (waiting + out === 0) break;
	await new Promise((resolve) => setTimeout(resolve, 10));
}
await stop();
await store.close();
say('done');
