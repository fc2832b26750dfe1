import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { AnswerLost, NotSent, StepProblem } from '../../../core/ports';
import { type SshServer, sshServer } from '../../../hosts/runtime/sshServer';
import { fingerprintOf, isPinned, pinnedKeys } from '../../../providers/sftp/hostKey';
import { fileName, folderIn } from '../../../providers/sftp/names';
import { type SftpSession, openSftp, withSftp } from '../../../providers/sftp/session';
import { type SftpSettings, readSftpSettings } from '../../../providers/sftp/settings';
import { bytesSource, fileSource } from '../../../providers/sftp/source';
import { sftpCheck } from '../../../providers/sftp/test';
import { isTempOf, tempName } from '../../../providers/sftp/upload';
import { type CuttingProxy, cuttingProxy } from './cuttingProxy';

describe('an SFTP server (OpenSSH)', () => {
	let server: SshServer;
	let proxy: CuttingProxy;
	beforeAll(async () => {
		server = await sshServer(['in', 'out', 'out/done']);
		proxy = await cuttingProxy(server.port);
	}, 60_000);
	afterAll(async () => {
		await proxy.close();
		await server.close();
	});
	beforeEach(() => {
		proxy.cutAfter = undefined;
		for (const folder of ['in', 'out']) {
			rmSync(join(server.files, folder), { recursive: true, force: true });
			mkdirSync(join(server.files, folder));
		}
		mkdirSync(join(server.files, 'out', 'done'));
	});

	const settings = (changes: Record<string, unknown> = {}): SftpSettings =>
		readSftpSettings({
			host: '127.0.0.1',
			port: server.port,
			userName: server.userName,
			authentication: 'privateKey',
			privateKey: server.privateKey,
			hostKey: server.fingerprint,
			...changes,
		});
	const session = (changes: Record<string, unknown> = {}): Promise<SftpSession> =>
		openSftp(settings(changes));
	const there = (folder = 'in') => readdirSync(join(server.files, folder)).sort();
	const content = (name: string) => readFileSync(join(server.files, 'in', name));
	const problem = async (work: Promise<unknown>): Promise<StepProblem> => {
		const cause = await work.then(
			() => undefined,
			(thrown: unknown) => thrown,
		);
		expect(cause).toBeInstanceOf(StepProblem);
		return cause as StepProblem;
	};

	test('a file lies there whole under its name, and nothing else does', async () => {
		const bytes = randomBytes(3_000_000);
		await withSftp(settings(), async (sftp) => {
			expect(await sftp.upload('in', 'julebrev.zip', bytesSource(bytes))).toBe('uploaded');
			expect(there()).toEqual(['julebrev.zip']);
			expect(content('julebrev.zip').equals(bytes)).toBe(true);
			// Given again it is found there.
			expect(await sftp.upload('in', 'julebrev.zip', bytesSource(bytes))).toBe('there');
			expect(await sftp.sha256('in', 'julebrev.zip')).toBe(bytesSource(bytes).sha256);
			const [file] = await sftp.list('in');
			expect(file).toMatchObject({ name: 'julebrev.zip', size: 3_000_000 });
		});
	});

	test('an empty file and one from the disk', async () => {
		const path = join(server.files, 'from-here');
		writeFileSync(path, randomBytes(100_001));
		const source = await fileSource(path);
		await withSftp(settings(), async (sftp) => {
			await sftp.upload('in', 'empty.done', bytesSource(new Uint8Array()));
			await sftp.upload('in', 'big.pdf', source, { readBack: true });
		});
		expect(content('empty.done')).toHaveLength(0);
		expect(content('big.pdf').equals(readFileSync(path))).toBe(true);
		rmSync(path);
	});

	test('another file of that name is left alone, also when it comes in the last moment', async () => {
		writeFileSync(join(server.files, 'in', 'a.zip'), 'somebody’s');
		await withSftp(settings(), async (sftp) => {
			const taken = await problem(sftp.upload('in', 'a.zip', bytesSource(Buffer.from('ours'))));
			expect(taken.message).toContain('Another file named a.zip');
			const late = await problem(
				sftp.upload('in', 'b.zip', bytesSource(Buffer.from('ours')), {
					still: () => {
						writeFileSync(join(server.files, 'in', 'b.zip'), 'somebody’s');
						return Promise.resolve();
					},
				}),
			);
			expect(late.message).toContain('Another file named b.zip');
		});
		expect(content('a.zip').toString()).toBe('somebody’s');
		expect(content('b.zip').toString()).toBe('somebody’s');
	});

	test('who is no longer to put it in its place does not', async () => {
		await withSftp(settings(), async (sftp) => {
			const still = () => Promise.reject(new Error('taken over'));
			await expect(sftp.upload('in', 'a.zip', bytesSource(Buffer.from('ours')), { still })).rejects.toThrow(
				'taken over',
			);
			expect(there()).toHaveLength(1);
			await sftp.removeTemps('in', ['a.zip']);
			expect(there()).toEqual([]);
		});
	});

	test('cut in the middle: gone on with where it stopped, and whole in the end', async () => {
		const bytes = randomBytes(8_000_000);
		const source = bytesSource(bytes);
		let read = 0;
		const counted = {
			...source,
			async *read(from: number) {
				for await (const part of source.read(from)) {
					read += part.length;
					yield part;
				}
			},
		};
		proxy.cutAfter = 4_000_000;
		const cut = await openSftp(settings({ port: proxy.port }));
		await expect(cut.upload('in', 'julebrev.zip', counted)).rejects.toThrow(NotSent);
		cut.end();
		expect(proxy.cuts).toBe(1);
		expect(there()).toEqual([tempName('julebrev.zip', source.sha256, '.part')]);
		read = 0;
		proxy.cutAfter = undefined;
		await withSftp(settings({ port: proxy.port }), (sftp) => sftp.upload('in', 'julebrev.zip', counted));
		expect(there()).toEqual(['julebrev.zip']);
		expect(content('julebrev.zip').equals(bytes)).toBe(true);
		expect(read).toBeLessThan(6_000_000);
		expect(read).toBeGreaterThan(1_000_000);
	});

	test('what is left of an upload is not trusted by its size alone', async () => {
		const bytes = randomBytes(2_500_000);
		const source = bytesSource(bytes);
		const spoilt = Buffer.from(bytes.subarray(0, 2_200_000));
		spoilt.fill(0, 100, 5_000);
		writeFileSync(join(server.files, 'in', tempName('a.zip', source.sha256, '.part')), spoilt);
		await withSftp(settings(), (sftp) => sftp.upload('in', 'a.zip', source));
		expect(content('a.zip').equals(bytes)).toBe(true);
	});

	test('cut again and again, at any byte, it comes through', async () => {
		const bytes = randomBytes(400_000);
		for (const after of [500, 2_000, 4_000, 60_000, 200_000, 398_000, 401_500, 402_500]) {
			proxy.cutAfter = after;
			const cut = await openSftp(settings({ port: proxy.port })).catch((cause: unknown) => cause);
			if (cut instanceof Error) expect(cut).toBeInstanceOf(NotSent);
			else {
				const outcome = await (cut as SftpSession)
					.upload('in', 'a.zip', bytesSource(bytes))
					.catch((cause: unknown) => cause);
				if (outcome instanceof Error)
					expect(outcome instanceof NotSent || outcome instanceof AnswerLost).toBe(true);
				(cut as SftpSession).end();
			}
		}
		await withSftp(settings(), (sftp) => sftp.upload('in', 'a.zip', bytesSource(bytes)));
		expect(there()).toEqual(['a.zip']);
		expect(content('a.zip').equals(bytes)).toBe(true);
	}, 60_000);

	test('the disk over there is full: said in words, nothing under the final name, and later it goes on', async () => {
		const bytes = randomBytes(3_000_000);
		await server.limitFiles(1_000_000);
		try {
			const outcome = await withSftp(settings(), (sftp) =>
				sftp.upload('in', 'a.zip', bytesSource(bytes)),
			).catch((cause: unknown) => cause);
			expect(outcome).toBeInstanceOf(NotSent);
			expect(String(outcome)).toMatch(/disk|quota/);
			expect(existsSync(join(server.files, 'in', 'a.zip'))).toBe(false);
		} finally {
			await server.limitFiles(undefined);
		}
		await withSftp(settings(), (sftp) => sftp.upload('in', 'a.zip', bytesSource(bytes)));
		expect(content('a.zip').equals(bytes)).toBe(true);
		expect(there()).toEqual(['a.zip']);
	}, 60_000);

	test('a disk that has no room left is told as such, where a small one can be made', async () => {
		const disk = join(server.files, 'in', 'small');
		mkdirSync(disk);
		let mounted = true;
		try {
			execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
		} catch {
			// Only root may; elsewhere the file size limit above has to do.
			mounted = false;
		}
		try {
			const bytes = bytesSource(randomBytes(mounted ? 3_000_000 : 1_000));
			const outcome = await withSftp(settings(), (sftp) => sftp.upload('in/small', 'a.zip', bytes)).catch(
				String,
			);
			expect(outcome).toBe(mounted ? 'NotSent: the disk at the SFTP server is full' : 'uploaded');
			expect(existsSync(join(disk, 'a.zip'))).toBe(!mounted);
		} finally {
			if (mounted) execFileSync('umount', ['-l', disk]);
		}
	});

	test('a server with another key is told nothing', async () => {
		const before = server.fingerprint;
		const after = await server.changeHostKey();
		const refused = await problem(session({ hostKey: before }));
		expect(refused.message).toContain('another key than the one that is known');
		expect(refused.message).toContain(after);
		expect(refused.details.field).toBe('Host Key Fingerprint');
		await withSftp(settings({ hostKey: `${before}\n${after}` }), (sftp) => sftp.list('in'));
	}, 60_000);

	test('without a pinned key the server’s is shown, to be compared; any of its keys will do', async () => {
		const first = await problem(sftpCheck({ http: never }, { ...settings(), hostKey: '' }));
		expect(first.message).toContain(server.fingerprint);
		await sftpCheck({ http: never }, settings());
		await withSftp(settings({ hostKey: server.rsaFingerprint }), (sftp) => sftp.list(''));
	});

	test('refused logins, unknown folders and missing rights are said in words', async () => {
		const password = await problem(session({ authentication: 'password', password: 'hemmelig' }));
		expect(password.message).toContain('does not let us in');
		expect(JSON.stringify([password.message, password.hint])).not.toContain('hemmelig');
		const key = await problem(session({ privateKey: 'not a key' }));
		expect(key.details.field).toBe('Private Key');
		await expect(session({ port: 1 })).rejects.toThrow(NotSent);
		const away = await problem(sftpCheck({ http: never }, { ...settings(), port: 1 }));
		expect(away.details.field).toBe('Host');
		await withSftp(settings(), async (sftp) => {
			const folder = await problem(sftp.upload('nowhere', 'a.zip', bytesSource(Buffer.from('a'))));
			expect(folder.message).toContain("no folder 'nowhere'");
			expect((await problem(sftp.list('nowhere'))).details.field).toBe('Folder');
			expect((await problem(sftp.list('../..'))).message).toContain('leads out');
			await problem(sftp.upload('in', '../a.zip', bytesSource(Buffer.from('a'))));
		});
		const empty = () => readSftpSettings({ host: 'sftp.example.org' });
		expect(empty).toThrow("'User Name' of the SFTP credential");
	});

	test('files are listed, read and put aside; a name that is taken there gets a number', async () => {
		for (const name of ['status-1.csv', 'status-2.csv'])
			writeFileSync(join(server.files, 'out', name), `id;status\n${name}`);
		writeFileSync(join(server.files, 'out', 'done', 'status-1.csv'), 'from yesterday');
		await withSftp(settings({ folder: 'out' }), async (sftp) => {
			expect((await sftp.list('')).map(({ name }) => name)).toEqual(['status-1.csv', 'status-2.csv']);
			expect((await sftp.read('', 'status-1.csv'))?.toString()).toContain('status-1.csv');
			expect(await sftp.read('', 'none.csv')).toBeUndefined();
			await problem(sftp.read('', 'status-1.csv', 5));
			await sftp.move('', 'status-1.csv', 'done');
			await sftp.remove('', 'status-2.csv');
			await sftp.remove('', 'status-2.csv');
		});
		expect(there('out')).toEqual(['done']);
		expect(there('out/done')).toEqual(['status-1-1.csv', 'status-1.csv']);
	});
});

const never = () => Promise.reject(new Error('SFTP is not HTTP'));

test('pinned keys are read as people paste them', () => {
	const key = randomBytes(51);
	const fingerprint = fingerprintOf(key);
	for (const pasted of [
		fingerprint,
		`256 ${fingerprint} test (ED25519)`,
		`[sftp.example.org]:22 ssh-ed25519 AAAA${key.subarray(3).toString('base64')}`,
		`${fingerprintOf(randomBytes(9))},\n ${fingerprint}`,
	]) {
		expect(pinnedKeys(pasted)).toHaveLength(pasted.includes(',') ? 2 : 1);
	}
	expect(isPinned(key, pinnedKeys(fingerprint))).toBe(true);
	expect(isPinned(key, pinnedKeys(fingerprint.slice(0, -1)))).toBe(false);
	expect(isPinned(key, [])).toBe(false);
});

test('no name and no folder leads elsewhere', () => {
	fc.assert(
		fc.property(
			fc.oneof(fc.string(), fc.constantFrom('..', '../a', 'a/b', 'a\\b', '.ssh', '\u0000')),
			(text) => {
				try {
					expect(fileName(text)).toBe(text);
				} catch (cause) {
					expect(cause).toBeInstanceOf(StepProblem);
					return;
				}
				for (const bad of ['/', '\\', '\u0000']) expect(text).not.toContain(bad);
				expect(text.startsWith('.')).toBe(false);
			},
		),
	);
	fc.assert(
		fc.property(fc.array(fc.constantFrom('..', '.', 'a', '', 'b c', '\\')), (parts) => {
			const folder = parts.join('/');
			try {
				const whole = folderIn('/data/in', folder);
				expect(whole.split('/')).not.toContain('..');
				expect(whole.startsWith('/data/in')).toBe(true);
			} catch {
				expect(parts.some((part) => part === '..' || part === '\\')).toBe(true);
			}
		}),
	);
	expect(folderIn('', 'in')).toBe('in');
	expect(folderIn('', '')).toBe('.');
	expect(folderIn('/', 'in')).toBe('/in');
});

test('temporary names are told by file and content', () => {
	const name = 'brev-20260302-7.zip';
	const temp = tempName(name, 'abcdef0123456789', '.part');
	expect(temp).toBe('brev-20260302-7.zip.abcdef01.part');
	expect(isTempOf(temp, name, '.part')).toBe(true);
	expect(isTempOf(temp, 'brev-20260302-7', '.part')).toBe(false);
	expect(isTempOf(name, name, '.part')).toBe(false);
});
