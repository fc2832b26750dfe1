/**
 * Messages that wait at LINK for their time (`/sms/v1/schedules`). Everything here may be asked twice without harm, and
 * is, while LINK is busy or away.
 */
import { z } from 'zod/v4';
import { AnswerLost, type Clock, type Http, type HttpAnswer, NotSent, StepProblem } from '../../core/ports';
import { isBusy, isWebPage, retryAfterMs } from '../answer';
import { type Wanted, linkCall, refuseSettings, said, wrongAddress } from './call';
import type { LinkSettings } from './settings';

/** LINK's bounds for `schedule`: 10 minutes to 3 months, in milliseconds. */
export const EARLIEST_SCHEDULE_MS = 600_000;
export const LATEST_SCHEDULE_MS = 7_889_232_000;
const LARGEST_PAGE = 100;
const TRIES = 4;

const shape = z
	.object({
		messageId: z.string().min(1),
		scheduledAtDate: z.string().nullish(),
		sendAtDate: z.string().nullish(),
		tag: z.string().nullish(),
		recipient: z.string().nullish(),
	})
	.transform(({ messageId, scheduledAtDate, sendAtDate, tag, recipient }) => ({
		messageId,
		/** ISO 8601, as LINK tells them. */
		sendAt: sendAtDate ?? null,
		scheduledAt: scheduledAtDate ?? null,
		tag: tag ?? null,
		recipient: recipient ?? null,
	}));
export type ScheduledSms = z.infer<typeof shape>;

/** LINK's document says a list; public clients of the API in production get pages. Both are read. */
const page = z.union([
	z.array(shape).transform((items) => ({ items, pages: undefined })),
	z.object({ items: z.array(shape), pages: z.number().optional() }),
]);

export interface ScheduleFilter {
	tag?: string;
	/** ISO 8601 in UTC. */
	start?: string;
	end?: string;
}

export interface LinkSchedules {
	/** At most `limit` of them, in LINK's order. */
	list(filter: ScheduleFilter, limit: number): Promise<ScheduledSms[]>;
	get(messageId: string): Promise<ScheduledSms | undefined>;
	/** @returns undefined when LINK has no such message (any more) */
	reschedule(messageId: string, sendAt: number): Promise<ScheduledSms | undefined>;
	/** @returns whether there was one */
	cancel(by: { messageId: string } | { tag: string }): Promise<boolean>;
}

export function linkSchedules(http: Http, clock: Clock, settings: LinkSettings): LinkSchedules {
	const { call } = linkCall(http, clock, settings);

	async function patiently(wanted: Wanted): Promise<{ answer: HttpAnswer; lost: boolean }> {
		let lost = false;
		for (let attempt = 1; ; attempt += 1) {
			let wait = 1_000 * 2 ** attempt;
			let reason: string;
			try {
				const answer = await call(wanted);
				if (isBusy(answer)) {
					reason = answer.reason;
					wait = Math.min(answer.retryAfterMs ?? wait, 60_000);
				} else {
					refuseSettings(answer);
					const { status } = answer;
					if (isWebPage(answer)) throw wrongAddress(`answered with a web page (${status})`);
					if (status < 500 && status !== 429) return { answer, lost };
					reason = `LINK answered ${status}${said(answer)}`;
					// What became of it is not known: a second cancelling may find nothing left.
					lost ||= status !== 429 && status !== 503;
					wait = Math.min(retryAfterMs(answer, clock.now()) ?? wait, 60_000);
				}
			} catch (cause) {
				if (!(cause instanceof NotSent) && !(cause instanceof AnswerLost)) throw cause;
				lost ||= cause instanceof AnswerLost;
				reason = `LINK cannot be reached: ${cause.message}`;
			}
			if (attempt === TRIES)
				throw new StepProblem(`${reason}.`, {
					hint: 'Run it again when LINK answers; doing it twice does no harm.',
				});
			await new Promise<void>((resolve) => setTimeout(resolve, wait));
		}
	}

	/**
	 * What LINK answers for a message that does not wait there is not documented; a public client meets 400 and 404.
	 */
	const isNotThere = ({ status }: HttpAnswer) => status === 400 || status === 404;
	const one = (answer: HttpAnswer): ScheduledSms => {
		const read = shape.safeParse(answer.body);
		if (!read.success) throw unreadable(answer);
		return read.data;
	};
	const path = (messageId: string) => `/sms/v1/schedules/${encodeURIComponent(messageId)}`;

	return {
		async list(filter, limit) {
			const found = new Map<string, ScheduledSms>();
			const size = Math.min(limit, LARGEST_PAGE);
			for (let number = 1; found.size < limit; number += 1) {
				const { answer } = await patiently({
					method: 'GET',
					url: '/sms/v1/schedules',
					query: { page: number, size, ...filter },
				});
				if (answer.status === 404) throw wrongAddress('has no SMS API (404)');
				if (answer.status >= 400) throw refused(answer);
				const read = page.safeParse(answer.body);
				if (!read.success) throw unreadable(answer);
				const { items, pages } = read.data;
				const before = found.size;
				for (const item of items) found.set(item.messageId, item);
				// A page that brings nothing new is the last one, whatever it says.
				if (found.size === before || items.length < size || (pages !== undefined && number >= pages)) break;
			}
			return [...found.values()].slice(0, limit);
		},
		async get(messageId) {
			const { answer } = await patiently({ method: 'GET', url: path(messageId) });
			if (isNotThere(answer)) return undefined;
			if (answer.status >= 400) throw refused(answer);
			return one(answer);
		},
		async reschedule(messageId, sendAt) {
			const { answer } = await patiently({
				method: 'PATCH',
				url: path(messageId),
				json: { sendAtDate: utc(sendAt) },
			});
			if (answer.status < 300) return one(answer);
			if (!isNotThere(answer)) throw refused(answer);
			// 400 may be about the time as well as about the message.
			if (answer.status === 400 && (await this.get(messageId))) throw refused(answer);
			return undefined;
		},
		async cancel(by) {
			const { answer, lost } = await patiently({ method: 'DELETE', url: '/sms/v1/schedules', query: by });
			if (isNotThere(answer)) return lost;
			if (answer.status >= 400) throw refused(answer);
			return true;
		},
	};
}

/** As LINK's examples write it. */
export const utc = (at: number) => new Date(at).toISOString();

const refused = (answer: HttpAnswer) =>
	new StepProblem(`LINK refused it (${answer.status})${said(answer)}.`, {
		hint: 'Check what is filled in against what LINK says.',
	});

const unreadable = ({ status }: HttpAnswer) =>
	new StepProblem(`LINK's answer about scheduled messages (${status}) could not be read.`, {
		hint: "Check 'Base URL' in the LINK MyLINK credential.",
	});
