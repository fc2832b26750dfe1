/** Bounces that another step has fetched from a mailbox: the whole mail, as it came. */
import { StepProblem } from '../../core/ports';
import type { Given, Out, Outputs, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { notificationId, takeNotifications } from '../../providers/smtp/bounces';
import { PROVIDER } from '../../providers/smtp/channel';
import { readNotification } from '../../providers/smtp/dsn';
import { linksOf } from '../../providers/smtp/links';
import { responsesOf } from '../responseOf';
import type { Parameters } from './parameters';

/** Bounces leave by the first output with what they are about, every other mail by the second, as it came. */
export async function readBounces(
	ctx: StepContext,
	store: Store,
	items: ReadonlyArray<Given<Parameters>>,
): Promise<Outputs> {
	const { marks } = await linksOf(store);
	const bounces: Out[] = [];
	const others: Out[] = [];
	for (const { json, index, params } of items) {
		const raw = rawMail(params.message);
		if (!raw) {
			const problem = new StepProblem(`'Message' [Item ${index + 1}] holds no mail.`, {
				field: 'Message',
				item: index,
				hint: "Give the whole mail as text or base64, as the IMAP trigger does with the format 'RAW': {{ $json.raw }}.",
			});
			if (!ctx.continueOnFail) throw problem;
			others.push({ json, from: index, problem });
			continue;
		}
		const found = readNotification(raw, marks);
		if (!found) {
			others.push({ json: { ...json, bounce: null }, from: index });
			continue;
		}
		const { dispatchId, action, status, hard, reason } = found;
		const eventId = notificationId(found);
		const fresh = ctx.testRun ? new Set<string>() : await takeNotifications(store, ctx.clock, [found]);
		const about = (await responsesOf(store, PROVIDER, [eventId], ctx.clock.now())).get(eventId);
		bounces.push({
			json: {
				...json,
				bounce: {
					action,
					hard,
					status: status ?? null,
					reason,
					dispatch: dispatchId,
					repeated: !ctx.testRun && action !== 'delayed' && !fresh.has(eventId),
				},
				person: about?.person ?? null,
			},
			from: index,
		});
	}
	ctx.hint(`${bounces.length} bounces, ${others.length} other mails.`);
	return [bounces, others];
}

/** As text, base64 or base64url, or bytes the way Node-RED and JSON carry them. */
function rawMail(value: unknown): Buffer | undefined {
	if (Buffer.isBuffer(value)) return value;
	if (typeof value === 'object' && value !== null && 'data' in value && Array.isArray(value.data))
		return Buffer.from(value.data as number[]);
	if (typeof value !== 'string' || value.trim() === '') return undefined;
	if (/^[\w-]+:.*\r?\n/.test(value.trimStart())) return Buffer.from(value.trimStart(), 'utf8');
	const dense = value.replace(/\s/g, '');
	if (!/^[\w+/-]+=*$/.test(dense)) return undefined;
	const bytes = Buffer.from(dense, 'base64');
	return /^[\w-]+:/.test(bytes.subarray(0, 100).toString('latin1')) ? bytes : undefined;
}
