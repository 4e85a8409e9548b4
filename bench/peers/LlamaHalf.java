import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Locale;

/**
 * llama.cpp's half of single-stream decoding, greedy: the tokens after the first, without the prompt.
 *
 * <p>Whole requests are timed, of 1 and of 1 + NEW tokens: the stream holds tokens back that end within a character.
 * A prompt is so many letters of make_gguf.py's tokenizer, others at each request.
 *
 * <p>usage: LlamaHalf THREADS MODEL.gguf PROMPT NEW
 */
class LlamaHalf {

    private final LlamaModel model;
    private final int promptTokens;
    private int requests;

    LlamaHalf(LlamaModel model, int promptTokens) {
        this.model = model;
        this.promptTokens = promptTokens;
    }

    public static void main(String[] args) throws Exception {
        int threads = Integer.parseInt(args[0]);
        int promptTokens = Integer.parseInt(args[2]);
        int newTokens = Integer.parseInt(args[3]);
        var parameters = new ModelParameters()
                .setModel(args[1])
                .setThreads(threads)
                .setThreadsBatch(threads)
                .setCtxSize(promptTokens + newTokens + 32)
                .disableContextShift();
        var half = new LlamaHalf(new LlamaModel(parameters), promptTokens);
        System.out.println("{\"ready\": true}");
        var lines = new BufferedReader(new InputStreamReader(System.in));
        while (lines.readLine() != null) {
            double seconds = half.seconds(1 + newTokens) - half.seconds(1);
            System.out.printf(Locale.ROOT, "{\"seconds\": %.6f}%n", seconds);
        }
        System.exit(0);
    }

    private double seconds(int newTokens) {
        var request = new InferenceParameters(prompt())
                .setNPredict(newTokens)
                .setIgnoreEos(true)
                .setCachePrompt(false)
                .setRepeatPenalty(1f)
                .setTemperature(0f)
                .setTopK(1);
        long start = System.nanoTime();
        for (LlamaOutput output : model.generate(request)) {
            output.text.length();
        }
        return 1e-9 * (System.nanoTime() - start);
    }

    private String prompt() {
        requests++;
        var letters = new StringBuilder();
        for (int i = 0; i < promptTokens; i++) {
            letters.append((char) ('a' + (requests + 7 * i) % 16)); // never "qz", the one pair that would be a token
        }
        int tokens = model.encode(letters.toString()).length;
        if (tokens != promptTokens) {
            throw new IllegalStateException(promptTokens + " letters are " + tokens + " tokens");
        }
        return letters.toString();
    }
}
