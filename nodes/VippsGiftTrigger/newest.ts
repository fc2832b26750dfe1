/** A run by hand in the editor: the newest gifts as they would come, taken in by nobody. */
import { DateTime } from 'luxon';
import type { PaidIn } from '../../core/gifts/incoming';
import { kroner, payerView } from '../../core/gifts/item';
import type { Json, StepContext } from '../../core/step';
import type { VippsClient } from '../../providers/vipps/client';
import { donationPayments } from '../../providers/vipps/donations';
import { giftOfDonation, giftOfEntry } from '../../providers/vipps/gifts';
import { fundsOfDay } from '../../providers/vipps/report';
import type { Parameters } from './form';
import { chosenLedgers } from './ledgers';
import { purposesOf } from './reading';

const SHOWN = 10;
const DAY = 86_400_000;
/** Days back; asked one after the other until there are enough. */
const SPANS = [1, 7, 31];
const LEDGER_DAYS = 7;

export async function newestGifts(
	ctx: StepContext,
	params: Parameters,
	client: VippsClient,
): Promise<Json[]> {
	const gifts =
		params.source.source === 'donations'
			? await donated(ctx, params, client)
			: await paid(ctx, params, client);
	return gifts
		.sort((a, b) => a.receivedAt - b.receivedAt)
		.slice(-SHOWN)
		.map(shown);
}

async function donated(ctx: StepContext, params: Parameters, client: VippsClient): Promise<PaidIn[]> {
	const now = ctx.clock.now();
	let found: PaidIn[] = [];
	for (const days of SPANS) {
		const { payments } = await donationPayments(client, {
			from: new Date(now - days * DAY).toISOString(),
			to: new Date(now).toISOString(),
			recipientHandles: params.recipientHandles,
			withMessage: params.withMessage,
		});
		found = payments.flatMap((one) => giftOfDonation(one, purposesOf(params)) ?? []);
		if (found.length >= SHOWN) break;
	}
	return found;
}

async function paid(ctx: StepContext, params: Parameters, client: VippsClient): Promise<PaidIn[]> {
	const found: PaidIn[] = [];
	const ledgers = await chosenLedgers(params, client);
	for (let back = 0; back < LEDGER_DAYS && found.length < SHOWN; back += 1) {
		const day = DateTime.fromMillis(ctx.clock.now() - back * DAY, { zone: 'Europe/Oslo' }).toISODate() ?? '';
		for (const ledger of ledgers) {
			const entries = await fundsOfDay(client, ledger, day, params.withMessage);
			found.push(...entries.flatMap((one) => giftOfEntry(one, purposesOf(params)) ?? []));
		}
	}
	return found;
}

/** As {@link giftView} has those that were taken in; without an id, since there is none. */
function shown(gift: PaidIn): Json {
	return {
		gift: {
			id: null,
			source: gift.source,
			sourceId: gift.sourceId,
			amount: kroner(gift.amountOre),
			amountOre: gift.amountOre,
			currency: gift.currency,
			receivedAt: new Date(gift.receivedAt).toISOString(),
			channel: gift.channel,
			campaign: gift.campaign ?? null,
			purpose: gift.purpose ?? null,
			message: gift.evidence.message ?? null,
			kid: null,
			reference: gift.reference ?? null,
			agreement: gift.agreementRef ?? null,
			state: 'new',
			reversed: 0,
		},
		payer: payerView(gift.evidence),
		person: null,
	};
}
