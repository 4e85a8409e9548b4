package org.rlvr4j.tornado;

import static org.rlvr4j.tensor.Role.ACTIVATIONS;
import static org.rlvr4j.tensor.Role.TABLES;
import static org.rlvr4j.tornado.Kernel.Operands.in;

import java.util.HashMap;
import java.util.List;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.PagedCache;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Cache of keys and values: what is computed for new positions is put into its pages, as it is or rounded to bfloat16. */
final class TornadoCache {

    private static final Kernel APPEND = Kernel.of(
            TornadoCache.class,
            "kCacheAppend",
            TornadoCache::kCacheAppend,
            TornadoElements.GROUP,
            1,
            in(TABLES, Arg.PAGES, Arg.SLOTS),
            in(ACTIVATIONS, Arg.NEW_KEYS, Arg.NEW_VALUES),
            in(ACTIVATIONS, Arg.KEYS, Arg.VALUES));

    private static final Kernel APPEND_BFLOAT16 = Kernel.of(
            TornadoCache.class,
            "kCacheAppendBfloat16",
            TornadoCache::kCacheAppendBfloat16,
            TornadoElements.GROUP,
            1,
            in(TABLES, Arg.PAGES, Arg.SLOTS, Arg.BESIDE),
            in(ACTIVATIONS, Arg.NEW_KEYS, Arg.NEW_VALUES),
            in(ACTIVATIONS, Arg.KEYS, Arg.VALUES));

    static final List<Kernel> KERNELS = List.of(APPEND, APPEND_BFLOAT16);

    private final DeviceMemory memory;
    private final Lists lists;

    TornadoCache(DeviceMemory memory, Lists lists) {
        this.memory = memory;
        this.lists = lists;
    }

    /** Arguments of the kernels: sizes, and places of matrices and lists. */
    private static final class Arg {
        static final int COUNT = 0, G = 1, D = 2, PAIRS = 3; // PAIRS is D/2
        static final int KEYS = 4, VALUES = 5, NEW_KEYS = 6, NEW_VALUES = 7, PAGES = 8, SLOTS = 9;
        static final int BESIDE = 10; // for each row the one whose keys lie in the same words, or -1
    }

    /** Puts keys and values into pages of a cache. */
    void append(Buffer k, Buffer v, PagedCache cache, int layer, int[] pages, int[] slots) {
        lists.begin();
        int n = TornadoElements.count(k);
        Launch launch;
        if (cache.keys(layer).type() == DType.BF16) {
            requireEven(cache.heads());
            n /= 2;
            launch = memory.launch(APPEND_BFLOAT16)
                    .set(Arg.PAIRS, cache.heads().size() / 2)
                    .set(Arg.BESIDE, lists.of(beside(pages, slots)));
        } else {
            launch = memory.launch(APPEND).set(Arg.D, cache.heads().size());
        }
        launch.set(Arg.COUNT, n)
                .set(Arg.G, cache.heads().keyValue())
                .read(Arg.NEW_KEYS, k)
                .read(Arg.NEW_VALUES, v)
                .update(Arg.KEYS, cache.keys(layer))
                .update(Arg.VALUES, cache.values(layer))
                .set(Arg.PAGES, lists.of(pages))
                .set(Arg.SLOTS, lists.of(slots))
                .runThreads(n);
    }

    private static void requireEven(Heads heads) {
        if (heads.size() % 2 != 0) {
            throw new IllegalArgumentException("keys and values of heads of " + heads.size()
                    + " features cannot be cached as bfloat16 on this device, which has two of them in a word");
        }
    }

    /** For each row the one that goes to the other slot of the same two, or -1 if none does. */
    private static int[] beside(int[] pages, int[] slots) {
        var rows = new HashMap<Integer, Integer>();
        for (int row = 0; row < pages.length; row++) {
            rows.put(pages[row] * PagedCache.POSITIONS + slots[row], row);
        }
        int[] beside = new int[pages.length];
        for (int row = 0; row < pages.length; row++) {
            beside[row] = rows.getOrDefault(pages[row] * PagedCache.POSITIONS + (slots[row] ^ 1), -1);
        }
        return beside;
    }

    /** A thread for each element. */
    static void kCacheAppend(
            KernelContext c, FloatArray lists, FloatArray m, FloatArray cache, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            int G = p.get(Arg.G);
            int D = p.get(Arg.D);
            int b = i / (G * D);
            int g = (i - b * G * D) / D;
            int d = i - (b * G + g) * D;
            int page = (int) lists.get(p.get(Arg.PAGES) + b);
            int start = (page * G + g) * D * PagedCache.POSITIONS;
            int slot = (int) lists.get(p.get(Arg.SLOTS) + b);
            cache.set(p.get(Arg.KEYS) + start + d * PagedCache.POSITIONS + slot, m.get(p.get(Arg.NEW_KEYS) + i));
            cache.set(p.get(Arg.VALUES) + start + slot * D + d, m.get(p.get(Arg.NEW_VALUES) + i));
        }
    }

    /**
     * A thread for each two features of a row. The values of these are a word; a key shares its word with that of the slot
     * beside, whose row may be appended too, and then the thread of the lower slot sets both.
     */
    static void kCacheAppendBfloat16(
            KernelContext c, FloatArray lists, IntArray m, IntArray cache, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            int G = p.get(Arg.G);
            int pairs = p.get(Arg.PAIRS);
            int b = i / (G * pairs);
            int g = (i - b * G * pairs) / pairs;
            int d = i - (b * G + g) * pairs; // of the pairs
            int page = (int) lists.get(p.get(Arg.PAGES) + b);
            int slot = (int) lists.get(p.get(Arg.SLOTS) + b);
            int beside = (int) lists.get(p.get(Arg.BESIDE) + b);
            int start = (page * G + g) * pairs * PagedCache.POSITIONS; // in words
            int value = p.get(Arg.NEW_VALUES) + 2 * i;
            cache.set(
                    p.get(Arg.VALUES) + start + slot * pairs + d,
                    rounded(m.get(value)) | (rounded(m.get(value + 1)) << 16));
            if (beside < 0 || (slot & 1) == 0) {
                int shift = (slot & 1) << 4;
                for (int feature = 2 * d; feature < 2 * d + 2; feature++) {
                    int at = p.get(Arg.KEYS) + start + ((feature * PagedCache.POSITIONS + slot) >> 1);
                    int other = (cache.get(at) >> (16 - shift)) & 0xffff;
                    if (beside >= 0) {
                        other = rounded(m.get(p.get(Arg.NEW_KEYS) + (beside * G + g) * 2 * pairs + feature));
                    }
                    int key = rounded(m.get(p.get(Arg.NEW_KEYS) + (b * G + g) * 2 * pairs + feature));
                    cache.set(at, (key << shift) | (other << (16 - shift)));
                }
            }
        }
    }

    /** {@link Buffer#toBfloat16}, of the bits of a number. */
    static int rounded(int bits) {
        int upper = (bits >> 16) & 0xffff;
        int lower = bits & 0xffff;
        if ((bits & 0x7fffffff) > 0x7f800000) {
            upper = upper | 0x40;
        } else if (lower > 0x8000 || (lower == 0x8000 && (upper & 1) == 1)) {
            upper = upper + 1;
        }
        return upper;
    }
}
