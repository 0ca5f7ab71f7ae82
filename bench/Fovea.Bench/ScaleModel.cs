using Fovea.Numerics;

namespace Fovea.Bench;

/// <summary>
/// What a step of one dictionary takes, as a function of its size: a·d·m (the encoder's product, and the update of each parameter) + b·m (the selection among
/// the latents) + c·d (the vectors themselves), for batches of one size of vectors of d numbers, m latents. Fitted to some sizes by least squares of relative errors, checked at others. docs/scale.md.
/// </summary>
internal static class ScaleModel
{
    private const int Steps = 30;

    private static readonly (int Dimension, int Latents)[] Fitted = [(64, 512), (128, 1024), (256, 4096), (512, 2048), (512, 8192), (1024, 4096)];
    private static readonly (int Dimension, int Latents)[] Checked = [(128, 4096), (256, 1024), (512, 4096), (1280, 2560), (512, 16_384)];

    public static void Run()
    {
        int threads = Workers.Count;
        var fit = Fitted.Select(size => (size.Dimension, size.Latents, Milliseconds(size, threads))).ToArray();
        double[] model = Fit(fit);
        Console.WriteLine(FormattableString.Invariant(
            $"a step of {ScalePart.Batch:N0} vectors, {threads} threads, TopK {ScalePart.K}: {model[0] * 1e6:0.00}·d·m/10⁶ + {model[1] * 1e3:0.00}·m/10³ + {model[2] * 1e3:0.00}·d/10³ ms"));
        foreach (var (dimension, latents, ms) in fit) Say("fitted", dimension, latents, ms);
        foreach (var size in Checked) Say("not fitted", size.Dimension, size.Latents, Milliseconds(size, threads));
        // A pass over the vectors of ImageNet's training images.
        foreach (var (name, vectors, dimension, latents) in ((string, double, int, int)[])
            [("layer4 of ResNet18, 7 × 7", 1_281_167.0 * 49, 512, 4096), ("layer4, 16,384 latents", 1_281_167.0 * 49, 512, 16_384), ("layer3, 14 × 14", 1_281_167.0 * 196, 256, 2048)])
            Console.WriteLine(FormattableString.Invariant(
                $"predicted: one pass over ImageNet's {name}, {vectors / 1e6:0} M vectors, {dimension} → {latents}: {vectors / ScalePart.Batch * Of(model, dimension, latents) / 3.6e6:0.00} h here"));

        void Say(string what, int dimension, int latents, double ms) => Console.WriteLine(FormattableString.Invariant(
            $"{what}: {dimension} → {latents}: {ms:0.0} ms, model {Of(model, dimension, latents):0.0} ms ({Of(model, dimension, latents) / ms - 1:+0.0%;-0.0%})"));
    }

    private static double Milliseconds((int Dimension, int Latents) size, int threads) =>
        ScaleBench.Measure("made:1000000", size.Dimension, size.Latents, threads, steps: Steps)[2];

    private static double Of(double[] model, double d, double m) => model[0] * d * m + model[1] * m + model[2] * d;

    /// <summary>Least squares of model/measured − 1, no coefficient below 0: terms that would be are left out, one after the other.</summary>
    private static double[] Fit((int Dimension, int Latents, double Milliseconds)[] points)
    {
        List<int> used = [0, 1, 2];
        while (true)
        {
            double[] found = Solve(points, used);
            int worst = used.MinBy(term => found[term]);
            if (found[worst] >= 0) return found;
            used.Remove(worst);
        }
    }

    private static double[] Solve((int Dimension, int Latents, double Milliseconds)[] points, List<int> used)
    {
        int n = used.Count;
        var normal = new double[n, n + 1];
        foreach (var (d, m, ms) in points)
        {
            double[] all = [(double)d * m / ms, m / ms, d / ms];
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++) normal[i, j] += all[used[i]] * all[used[j]];
                normal[i, n] += all[used[i]];
            }
        }
        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < n; k++)
            {
                if (k == i) continue;
                double factor = normal[k, i] / normal[i, i];
                for (int j = i; j <= n; j++) normal[k, j] -= factor * normal[i, j];
            }
        }
        var found = new double[3];
        for (int i = 0; i < n; i++) found[used[i]] = normal[i, n] / normal[i, i];
        return found;
    }
}
