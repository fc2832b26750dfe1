/** When Make is to send. */
import { DateTime } from 'luxon';
import { StepProblem } from '../../core/ports';

/** Epoch ms; undefined: at once. Without an offset it is taken in `zone`. */
export function scheduledFor(text: string, zone: string): number | undefined {
	if (!text) return undefined;
	const moment = DateTime.fromISO(text.replace(' ', 'T'), { zone });
	if (moment.isValid) return moment.toMillis();
	throw new StepProblem("'Send At' is no date and time.", {
		field: 'Send At',
		hint: 'Write it as 2026-12-24T10:00; without an offset it is taken in the time zone of the Journey Store.',
	});
}
