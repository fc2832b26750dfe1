/** Hands a batch over to Pingen, letter by letter: each one once, whatever happens on the way. */
import { createHash } from 'node:crypto';
import type { BatchItem, Sending, Transfer } from '../../core/handoffs/transfer';
import { AnswerLost, type Clock, NotSent, StepProblem } from '../../core/ports';
import { referenceOf } from '../link/reference';
import type { PingenClient, PrintOptions, Recipient } from './client';
import { findLetter } from './find';

/** `provider` of its batches and dispatches, and the source of what comes back. */
export const PROVIDER = 'pingen';

export interface Rendered {
	pdf: Uint8Array;
	pages: number;
	/** For registered mail only. */
	recipient?: Recipient;
}

export interface PingenTransfer {
	client: PingenClient;
	clock: Clock;
	/** The store's own, see `storeMark`. */
	mark: string;
	options: PrintOptions;
	/** @throws {StepProblem} when it cannot be made: the letter is left out */
	render(item: BatchItem): Promise<Rendered>;
}

/** What is given to the other end is written down in portions of so many letters. */
const PORTION = 20;
/** Asked to wait for no longer than this, we do; otherwise the batch goes on later. */
const LONGEST_WAIT_MS = 60_000;
const MOST_WAITS = 5;

/** What the letter's file is called at Pingen: our store and our number, nothing of the person. */
export const fileNameOf = (mark: string, ref: string): string => `${referenceOf(mark, Number(ref))}.pdf`;

export function pingenTransfer(how: PingenTransfer): Transfer {
	return async (batch, items, sending) => {
		const given = ledgerOf(sending);
		const leftOut: Array<{ dispatchId: number; reason: string }> = [];
		let pages = 0;
		let done = 0;
		try {
			for await (const item of items()) {
				const name = fileNameOf(how.mark, item.ref);
				const before = sending.files.get(name)?.state;
				if (before !== 'there') {
					const known = before === undefined ? undefined : await findLetter(how.client, name, batch.openedAt);
					const result = known ? { letterId: known.id, pages: 0 } : await giveOne(how, item, name, sending);
					if ('reason' in result) leftOut.push({ dispatchId: item.dispatchId, reason: result.reason });
					else {
						pages += result.pages;
						await given.add(item.dispatchId, name, result.letterId);
					}
				}
				done += 1;
				sending.progress(done, batch.items, 'letters');
			}
		} finally {
			// Also what was given before it went wrong.
			await given.flush();
		}
		return { ...(pages > 0 ? { pages } : {}), leftOut };
	};
}

type Given = { letterId: string; pages: number } | { reason: string };

async function giveOne(
	{ client, clock, mark, options, render }: PingenTransfer,
	item: BatchItem,
	name: string,
	sending: Sending,
): Promise<Given> {
	let rendered: Rendered;
	try {
		rendered = await render(item);
	} catch (cause) {
		if (cause instanceof StepProblem) return { reason: cause.message };
		throw cause;
	}
	const { pdf, pages, recipient } = rendered;
	if (options.product === 'registered' && !recipient)
		return { reason: 'Registered mail needs the recipient with street, postal code and city.' };
	const long = recipient && tooLong(recipient);
	if (long) return { reason: long };
	const sha256 = createHash('sha256').update(pdf).digest('hex');
	// From now on a letter of this name may be ours.
	await sending.begin([{ name, sha256, size: pdf.length }]);
	for (let waits = 0; ; waits += 1) {
		await sending.still();
		const told = await client.send({
			...options,
			pdf,
			fileName: name,
			// The same in every try: two with one key are one letter at Pingen.
			idempotencyKey: referenceOf(mark, Number(item.ref)),
			...(recipient ? { recipient } : {}),
		});
		switch (told.kind) {
			case 'accepted':
				return { letterId: told.answer.id, pages };
			case 'refused':
				await sending.gone([name]);
				return { reason: told.reason };
			case 'unknown':
				throw new AnswerLost(told.reason);
			case 'busy': {
				const wait = told.retryAfterMs ?? 1_000 * 2 ** waits;
				if (waits >= MOST_WAITS || wait > LONGEST_WAIT_MS) throw new NotSent(told.reason);
				await new Promise<void>((resolve) => clock.at(clock.now() + wait, resolve));
			}
		}
	}
}

/** Limits of registered mail, as Pingen's own node checks them. */
const LONGEST: Partial<Record<keyof Recipient, number>> = {
	name: 45,
	street: 40,
	number: 10,
	pobox: 45,
	zip: 8,
	city: 25,
};

function tooLong(recipient: Recipient): string | undefined {
	const field = Object.entries(LONGEST).find(
		([name, most]) => (recipient[name as keyof Recipient] ?? '').length > most,
	);
	return (
		field && `Pingen takes at most ${field[1]} characters in the recipient's ${field[0]} on registered mail.`
	);
}

function ledgerOf(sending: Sending) {
	let portion: Array<{ dispatchId: number; name: string; letterId: string }> = [];
	const flush = async () => {
		const now = portion;
		portion = [];
		if (now.length === 0) return;
		await sending.known(new Map(now.map(({ dispatchId, letterId }) => [dispatchId, letterId])));
		await sending.there(now.map(({ name }) => name));
	};
	return {
		flush,
		async add(dispatchId: number, name: string, letterId: string) {
			portion.push({ dispatchId, name, letterId });
			if (portion.length >= PORTION) await flush();
		},
	};
}
