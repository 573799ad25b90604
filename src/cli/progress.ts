/** How far something is, on one line of a terminal; nothing anywhere else. */
export interface Progress {
  show(done: number, total: number): void
  end(): void
}

const width = 30

export function startProgress(stream: { readonly isTTY?: boolean; write(text: string): unknown }): Progress {
  if (stream.isTTY !== true) return { show: () => undefined, end: () => undefined }
  return {
    show(done, total) {
      const part = total === 0 ? 1 : Math.min(1, done / total)
      const bar = '█'.repeat(Math.round(part * width)).padEnd(width, '░')
      stream.write(`\r${bar} ${Math.round(part * 100)} %  ${done.toLocaleString('en-US')} people`)
    },
    end: () => void stream.write('\r\u001b[K'),
  }
}
