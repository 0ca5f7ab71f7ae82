using System.Globalization;
using Fovea.Activations;
using Fovea.Dictionaries.Sparse;
using Fovea.Numerics;
using Fovea.Runs;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// Adam that leaves a latent as it is in a batch in which it is silent (its moments too, as <c>torch.optim.SparseAdam</c> does) beside
/// Adam, which moves it on by its momentum: the same TopK autoencoder from the same start on the same batches of a run's vectors.
/// </summary>
internal static class LazyAdamBench
{
    private const int Latents = 4096, Batch = 1024, Epochs = 16;

    /// <param name="run">A folder of <c>fovea run</c> with vectors of layer4, or of the layer that FOVEA_BENCH_LAYER names.</param>
    public static void Run(string? run)
    {
        if (run is null)
        {
            Console.WriteLine("FOVEA_BENCH_RUN names no run whose vectors could be read.");
            return;
        }
        string layer = Environment.GetEnvironmentVariable("FOVEA_BENCH_LAYER") ?? "layer4";
        using ActivationStore store = ActivationStore.Open(new RunFolder(run).ActivationsOf(layer));
        var (training, validation) = store.Draws(store.Manifest.Filters[0]);
        float[] mean = store.TrainingMean();
        using Tensor train = Rows(store, training, mean), test = Rows(store, validation, mean);
        double scale = Math.Sqrt(store.Dimension / train.square().sum(1).mean().item<float>());
        train.mul_(scale);
        test.mul_(scale);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"TopK {store.Dimension} -> {Latents}, 32 active, {train.shape[0]} vectors of {layer}, batches of {Batch}; held-out FVU, dead latents"));
        foreach (ulong seed in (ulong[])[1, 2, 3])
        {
            using Trained dense = new(store.Dimension, seed, lazy: false), lazy = new(store.Dimension, seed, lazy: true);
            for (int epoch = 0; epoch < Epochs; epoch++)
            {
                long[] order = [.. new CounterRandom(seed, "bench/lazy", epoch).Permutation((int)train.shape[0]).Select(row => (long)row)];
                foreach (long[] rows in order.Chunk(Batch).Where(rows => rows.Length == Batch))
                {
                    using var scope = NewDisposeScope();
                    Tensor x = train.index_select(0, tensor(rows));
                    dense.Step(x);
                    lazy.Step(x);
                }
                if (epoch + 1 is not (1 or 4 or Epochs)) continue;
                (double of, double dead) = dense.Judge(test);
                (double ofLazy, double deadLazy) = lazy.Judge(test);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"seed {seed}, epoch {epoch + 1,2}: Adam {of:0.0000} ({dead:0.0%}), lazy {ofLazy:0.0000} ({deadLazy:0.0%}), lazy / Adam {ofLazy / of:0.000}"));
            }
        }
    }

    private static Tensor Rows(ActivationStore store, RowSet rows, float[] mean)
    {
        using var scope = NewDisposeScope();
        var all = new float[rows.Count * store.Dimension];
        store.Read([.. Enumerable.Range(0, (int)rows.Count).Select(i => rows[i])], all);
        return (tensor(all, [rows.Count, store.Dimension]) - tensor(mean)).DetachFromDisposeScope();
    }

    /// <summary>An autoencoder in training, by plain operations.</summary>
    private sealed class Trained : IDisposable
    {
        private readonly bool _lazy;
        private readonly TopKAutoencoder _autoencoder;
        private readonly Dictionary<string, (Tensor Mean, Tensor Square)> _moments = [];
        private int _steps;

        public Trained(int dimension, ulong seed, bool lazy)
        {
            _lazy = lazy;
            _autoencoder = new TopKAutoencoder(dimension, Latents, 32);
            _autoencoder.Initialize(seed);
            _autoencoder.RequireGradients(true);
            using var quiet = no_grad();
            foreach (var (name, parameter) in _autoencoder.TrainableParameters)
                _moments[name] = (zeros_like(parameter).DetachFromDisposeScope(), zeros_like(parameter).DetachFromDisposeScope());
        }

        public void Step(Tensor x)
        {
            const double Rate = 1e-3, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;
            using var scope = NewDisposeScope();
            foreach (Tensor parameter in _autoencoder.TrainableParameters.Values) parameter.grad = null;
            using AutoencoderLoss loss = _autoencoder.Loss(x);
            loss.Reconstruction.backward();
            using var quiet = no_grad();
            _autoencoder.BeforeStep();
            Tensor fired = loss.Codes.ne(0).any(0);
            _steps++;
            double rate = Rate / (1 - Math.Pow(Beta1, _steps)), root = Math.Sqrt(1 - Math.Pow(Beta2, _steps));
            foreach (var (name, parameter) in _autoencoder.TrainableParameters)
            {
                if (parameter.grad is not { } gradient) continue;
                var (mean, square) = _moments[name];
                Tensor newMean = mean * Beta1 + gradient * (1 - Beta1), newSquare = square * Beta2 + gradient.square() * (1 - Beta2);
                Tensor moved = parameter - newMean / (newSquare.sqrt() / root + Epsilon) * rate;
                if (_lazy && Axis(parameter) is { } axis)
                {
                    Tensor mask = axis == 0 && parameter.dim() == 2 ? fired.unsqueeze(1) : fired;
                    (newMean, newSquare, moved) = (newMean.where(mask, mean), newSquare.where(mask, square), moved.where(mask, parameter));
                }
                mean.copy_(newMean);
                square.copy_(newSquare);
                parameter.copy_(moved);
            }
            _autoencoder.AfterStep();
        }

        /// <summary>FVU, and the share of latents that no vector makes active.</summary>
        public (double Fvu, double Dead) Judge(Tensor x)
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            using AutoencoderLoss loss = _autoencoder.Loss(x);
            double rest = (x - loss.Output).square().sum().item<float>(), all = (x - x.mean([0L])).square().sum().item<float>();
            return (rest / all, 1 - loss.Codes.ne(0).any(0).to_type(float32).mean().item<float>());
        }

        public void Dispose()
        {
            _autoencoder.RequireGradients(false);
            _autoencoder.Dispose();
            foreach (var (mean, square) in _moments.Values)
            {
                mean.Dispose();
                square.Dispose();
            }
        }

        // W_dec is [latents, d], W_enc [d, latents], b_enc [latents]; b_dec is of no latent.
        private static int? Axis(Tensor parameter) => parameter.shape[0] == Latents ? 0
            : parameter.dim() == 2 && parameter.shape[1] == Latents ? 1 : null;
    }
}
