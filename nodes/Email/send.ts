/** Through the ledger, over one session with the mail server. */
import { type Delivered, type Wanted, deliver } from '../../core/dispatch/deliver';
import { countedByCode } from '../../core/dispatch/rules';
import { markBroken } from '../../core/register/brokenAddress';
import type { Out, Outputs, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { accountRate } from '../../providers/pace';
import { type Refusal, smtpChannel } from '../../providers/smtp/channel';
import { smtpSession } from '../../providers/smtp/connection';
import { linksOf } from '../../providers/smtp/links';
import type { Mail } from '../../providers/smtp/mail';
import { readSmtpSettings } from '../../providers/smtp/settings';
import { holdOf } from '../heldBack';
import type { Prepared } from './prepare';

export async function send(
	ctx: StepContext,
	store: Store,
	at: { stepId: number; zone: string },
	prepared: readonly Prepared[],
	base: string | undefined,
): Promise<Outputs> {
	if (prepared.length === 0) return [[], []];
	const delivered = await deliverAll(ctx, store, at, prepared.map(wanted), base);
	return outputsOf(ctx, delivered, prepared);
}

export async function deliverAll(
	ctx: StepContext,
	store: Store,
	at: { stepId?: number; zone?: string },
	messages: ReadonlyArray<Wanted<Mail>>,
	base: string | undefined,
): Promise<Delivered[]> {
	const settings = readSmtpSettings(await ctx.credentials('emailSmtpApi'));
	const rate = accountRate('smtp', `${settings.host} ${settings.user}`, settings.messagesPerSecond);
	const badAddresses: Refusal[] = [];
	const session = smtpSession(settings);
	try {
		const sending = {
			links: await linksOf(store),
			base,
			bounces: settings.bounceAddress || undefined,
			tagBounces: settings.tagBounces,
		};
		return await deliver(
			{ store, clock: ctx.clock, ...at, progress: ctx.progress },
			smtpChannel(session, ctx.clock, sending, rate, badAddresses),
			messages,
		);
	} finally {
		session.close();
		await markBroken(store, badAddresses);
	}
}

export function wanted({ who, address, mail, impossible }: Prepared): Wanted<Mail> {
	const { index: item, key, personId, enrolmentId } = who;
	return {
		item,
		key,
		personId,
		enrolmentId,
		address,
		message: mail,
		purpose: mail.purpose,
		impossible,
		hold: holdOf(who),
	};
}

/** What may have gone out leaves by Sent: a flow that answers Not Sent with another message must not reach anybody twice. */
function outputsOf(
	ctx: StepContext,
	delivered: readonly Delivered[],
	prepared: readonly Prepared[],
): Outputs {
	const byItem = new Map(prepared.map((one) => [one.who.index, one]));
	const sent: Out[] = [];
	const not: Out[] = [];
	let held = 0;
	for (const { item, state, reason, dispatchId, until, repeated } of delivered) {
		const one = byItem.get(item);
		if (state === 'held') held += 1;
		if (!one || state === 'reserved' || state === 'held') continue;
		const out = state === 'accepted' || state === 'delivered' || state === 'unknown';
		const email = {
			state,
			...(reason ? { reason } : {}),
			...(until === undefined ? {} : { notBefore: new Date(until).toISOString() }),
			dispatch: dispatchId,
			to: one.address,
			from: one.mail.from.address,
			subject: one.mail.subject,
			tracked: one.mail.track,
			...(repeated ? { repeated: true } : {}),
		};
		(out ? sent : not).push({ json: { ...one.who.json, email }, from: item });
	}
	const why = countedByCode(
		delivered.filter(({ state }) => state === 'skipped' || state === 'held').map(({ code }) => code),
	);
	ctx.hint(
		`${sent.length} sent, ${not.length} not sent${held > 0 ? `, ${held} held back until later` : ''}${why ? ` (${why})` : ''}.`,
	);
	return [sent, not];
}
