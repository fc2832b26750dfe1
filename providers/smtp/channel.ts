/** Personal mail over SMTP, as the ledger sends it: one at a time, each with its own answer. */
import type { BatchAnswer, Channel } from '../../core/dispatch/channel';
import type { Rate } from '../../core/dispatch/pace';
import type { Clock } from '../../core/ports';
import { StepProblem } from '../../core/ports';
import type { Session } from './connection';
import { isBadAddress } from './dsn';
import { type Mail, type Sending, compose } from './mail';

export const PROVIDER = 'smtp';

/** A mailbox that asks to be tried later so often in a row is let be: the others are not to wait for it. */
const MOST_DELAYS = 3;

export interface Refusal {
	dispatchId: number;
	reason: string;
}

/** @param badAddresses gets those that the server says do not exist */
export function smtpChannel(
	session: Session,
	clock: Clock,
	sending: Omit<Sending, 'now'>,
	rate: Rate | undefined,
	badAddresses: Refusal[],
): Channel<Mail> {
	const delays = new Map<number, number>();
	return {
		channel: 'email',
		provider: PROVIDER,
		batchSize: 1,
		rate,
		async send(batch): Promise<BatchAnswer> {
			const [one] = batch;
			if (!one) return { kind: 'answered', sent: [] };
			const { dispatchId, address, message } = one;
			if (address === null) throw new StepProblem('A mail without an address cannot be sent.');
			const composed = await compose(message, address, dispatchId, { ...sending, now: clock.now() });
			const handed = await session.hand(composed.envelope, composed.message);
			switch (handed.kind) {
				case 'taken':
					return {
						kind: 'answered',
						sent: [{ dispatchId, state: 'accepted', providerRef: composed.messageId }],
					};
				case 'later': {
					if (handed.at !== 'recipient') return { kind: 'busy', reason: handed.reply };
					const times = (delays.get(dispatchId) ?? 0) + 1;
					delays.set(dispatchId, times);
					if (times < MOST_DELAYS) return { kind: 'busy', reason: handed.reply };
					const reason = `the mail server asks to try later: ${handed.reply}`;
					return { kind: 'answered', sent: [{ dispatchId, state: 'failed', reason }] };
				}
				case 'refused': {
					// Too large a mail (552) is about the mail, everything else about who sends.
					if (handed.at === 'sender' && handed.code !== 552) {
						throw new StepProblem(`The mail server does not take mail from this sender: ${handed.reply}`, {
							field: 'From',
							hint: "Use an address in 'From' (or as Bounce Address of the credential) that the mail server knows as yours.",
						});
					}
					const reason = `the mail server refuses it: ${handed.reply}`;
					if (handed.at === 'recipient' && isBadAddress(handed.status, handed.code))
						badAddresses.push({ dispatchId, reason: handed.reply });
					return { kind: 'answered', sent: [{ dispatchId, state: 'failed', reason }] };
				}
			}
		},
	};
}
