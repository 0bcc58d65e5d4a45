// Waiting for what comes about by itself.

const kLookAgainMs = 100;

// What `look` gives, once that is truthy; throws after `limit_ms`, with the last word of `describe`.
export async function until(what, look, { limit_ms = 15_000, describe = () => '' } = {}) {
  for (const end = Date.now() + limit_ms; ; ) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`waited in vain for: ${what}\n${await describe()}`);
    await new Promise((resolve) => setTimeout(resolve, kLookAgainMs));
  }
}
