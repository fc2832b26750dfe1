/**
 * Answers a provider's call within its patience. It is told that all is well only when what it told is stored, so that
 * nothing is lost when this process or the database dies in between. If that takes long, it is asked to tell it again:
 * by then it is known, and what comes twice counts once.
 */
import type { Clock } from '../core/ports';
import type { Receipt } from '../core/step';

/** LINK gives an endpoint two seconds. */
const PATIENCE_MS = 1_500;

export async function answerInTime(
	clock: Clock,
	stored: Promise<unknown>,
	after: NonNullable<Receipt['after']>,
	patienceMs = PATIENCE_MS,
): Promise<Receipt> {
	let callOff: () => void = () => undefined;
	const late = new Promise<'late'>((resolve) => {
		callOff = clock.at(clock.now() + patienceMs, () => resolve('late'));
	});
	try {
		if ((await Promise.race([stored, late])) === 'late')
			return { status: 503, body: 'Not stored yet, tell it again', after };
		return { status: 200, body: 'OK', after };
	} catch {
		// Not stored: the provider is to tell it again.
		return { status: 503, body: 'Not stored, try again' };
	} finally {
		callOff();
	}
}
