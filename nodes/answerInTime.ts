/**
 * Answers a provider's call within its patience. What it told is stored before it is told that all is well, so that
 * nothing is lost when this process dies in between; if that takes long, the answer does not wait for it.
 */
import type { Clock } from '../core/ports';
import type { Receipt } from '../core/step';

/** LINK gives an endpoint two seconds. */
const PATIENCE_MS = 1_500;

export async function answerInTime(
	clock: Clock,
	stored: Promise<unknown>,
	after: NonNullable<Receipt['after']>,
): Promise<Receipt> {
	let callOff: () => void = () => undefined;
	const late = new Promise<'late'>((resolve) => {
		callOff = clock.at(clock.now() + PATIENCE_MS, () => resolve('late'));
	});
	try {
		await Promise.race([stored, late]);
		return { status: 200, body: 'OK', after };
	} catch {
		// Not stored: the provider is to tell it again.
		return { status: 503, body: 'Not stored, try again' };
	} finally {
		callOff();
	}
}
