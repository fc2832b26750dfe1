/** The folder that the form names. */
import { StepProblem } from '../../core/ports';
import type { StepContext } from '../../core/step';
import { LARGEST_FILE } from '../../providers/bank/bankFile';
import { type FilePlace, folderHere } from '../../providers/folder';
import { withSftp } from '../../providers/sftp/session';
import { readSftpSettings } from '../../providers/sftp/settings';
import type { Parameters } from './form';

/** Being written, by the usual names for that. */
const UNFINISHED = /(^\.)|(\.(part|tmp|temp|filepart|writing|lock)$)/i;

/** Opens it, works and closes it. @throws {StepProblem} naming the field */
export async function withPlace<T>(
	ctx: StepContext,
	params: Parameters,
	work: (place: FilePlace) => Promise<T>,
): Promise<T> {
	if (params.afterReading === 'move' && params.moveTo === '')
		throw new StepProblem("'Move To' is empty.", {
			field: 'Move To',
			hint: 'Name a folder below the one that the files lie in, such as lest.',
		});
	if (params.filesFrom === 'folder') return work(folderHere(params.folder));
	const { folder } = params;
	return withSftp(readSftpSettings(await ctx.credentials('sftpApi')), (session) =>
		work({
			list: () => session.list(folder),
			read: (name) => session.read(folder, name, LARGEST_FILE),
			move: (name, to) => session.move(folder, name, `${folder}/${to}`),
			remove: (name) => session.remove(folder, name),
		}),
	);
}

/** Whether it is a file that is meant; `*` stands for anything, and capital letters do not matter. */
export function isMeant(name: string, { fileNames }: Parameters): boolean {
	if (UNFINISHED.test(name)) return false;
	return (
		fileNames.length === 0 || fileNames.some((pattern) => isLike(name.toLowerCase(), pattern.toLowerCase()))
	);
}

function isLike(name: string, pattern: string): boolean {
	const parts = pattern.split('*');
	const [first = ''] = parts;
	if (parts.length === 1) return name === first;
	const last = parts.at(-1) ?? '';
	if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
		return false;
	let from = first.length;
	return parts.slice(1, -1).every((part) => {
		const at = name.indexOf(part, from);
		from = at + part.length;
		return at >= 0 && from <= name.length - last.length;
	});
}
