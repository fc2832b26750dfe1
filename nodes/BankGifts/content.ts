/** A file that comes with the item: its text, its bytes, or its bytes as base64. */
import { StepProblem } from '../../core/ports';
import type { Parameters } from './form';

/** @throws {StepProblem} naming the field */
export function bytesOf({ content, contentIs }: Parameters): Uint8Array {
	if (content.length === 0)
		throw new StepProblem("'Content' is empty.", {
			field: 'Content',
			hint: 'Give the text of the file, or its bytes as base64, or choose to read it from a folder.',
		});
	if (typeof content !== 'string') return content;
	if (contentIs === 'text') return Buffer.from(inUtf8(content));
	const plain = content.replace(/^data:[^,]{0,100},/, '').replace(/\s/g, '');
	if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(plain))
		throw new StepProblem("'Content' is not base64.", {
			field: 'Content',
			hint: "Give the bytes of the file as base64, or choose 'Text' as 'Content Is'.",
		});
	return Buffer.from(plain, 'base64');
}

/** Whoever made text of a file has decoded it: what XML says of its encoding is over. */
const inUtf8 = (text: string) =>
	text.replace(/^(\s*<\?xml[^>]*?encoding\s*=\s*["'])[\w.-]+(["'])/, '$1UTF-8$2');
