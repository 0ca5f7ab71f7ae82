using Fovea.Activations;
using Fovea.Dictionaries.Comparison;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>Archetypal autoencoders: the projection against its definition, the hull that directions stay near, the gradients'
/// chain.</summary>
public sealed class ArchetypalTests
{
    [Fact]
    public void Rows_are_projected_to_the_nearest_mixture()
    {
        using var scope = NewDisposeScope();
        var rows = Samples.Normal([40, 6], "simplex", ScalarType.Float64) * 2;
        var projected = ArchetypalAutoencoder.OntoSimplex(rows);
        for (int row = 0; row < 40; row++)
        {
            double[] w = [.. rows[row].data<double>()], found = [.. projected[row].data<double>()];
            // Duchi et al. 2008, figure 1: by sorting.
            double[] sorted = [.. w.OrderDescending()];
            int count = Enumerable.Range(1, 6).Last(j => sorted[j - 1] - (sorted.Take(j).Sum() - 1) / j > 0);
            double threshold = (sorted.Take(count).Sum() - 1) / count;
            for (int i = 0; i < 6; i++) Assert.Equal(Math.Max(0, w[i] - threshold), found[i], 1e-9);
        }
        var inside = tensor(new double[,] { { 0.2, 0.5, 0.3 } });
        Assert.True(ArchetypalAutoencoder.OntoSimplex(inside).allclose(inside));
    }

    [Fact]
    public void Directions_are_mixtures_of_the_archetypes_but_for_the_relaxation_after_every_training()
    {
        using var scope = NewDisposeScope();
        float[] values = [.. (Samples.Vectors(600, 8, ScalarType.Float32) + 1).data<float>()];
        var source = new ArrayVectors(values, 8);
        AutoencoderOptions options = new()
        {
            Variant = new ArchetypalOptions { Sparsity = 3, Relaxation = 0.4 },
            LatentSize = 20,
            Epochs = 5,
            LearningRate = 0.01,
            BatchSize = 50,
            Seed = 3,
        };
        using var trained = AutoencoderTrainer.Train(options, source, RowSet.Range(0, 500), RowSet.Range(500, 100));
        var autoencoder = (ArchetypalAutoencoder)trained.Autoencoder;
        Tensor weights = autoencoder.Parameters[ArchetypalAutoencoder.HullWeightsName],
            archetypes = autoencoder.Parameters[ArchetypalAutoencoder.ArchetypesName],
            relaxation = autoencoder.Parameters[ArchetypalAutoencoder.RelaxationName],
                scale = autoencoder.Parameters[ArchetypalAutoencoder.LogScaleName].exp();
        Assert.True(weights.ge(0).all().item<bool>());
        Assert.True((weights.sum(1) - 1).abs().max().item<float>() < 1e-5);
        Assert.True(weights.ne(eye(20)).any().item<bool>(), "the mixtures were not trained");
        Assert.InRange(relaxation.norm(1, false, 2).max().item<float>(), 1e-4, autoencoder.Relaxation * 1.0001);
        Assert.Equal(0.4, autoencoder.Relaxation * trained.Report.InputScale, 1e-9);
        Assert.True(((weights.mm(archetypes) + relaxation) * scale).allclose(autoencoder.DecoderWeight, 1e-4, 1e-5));
        // The archetypes are places of raw vectors, less the mean: none is farther out than the vectors are.
        var x = tensor(values).view(-1, 8).narrow(0, 0, 500);
        var centred = x - x.mean([0L]);
        Assert.True(archetypes.max().item<float>() <= centred.max().item<float>() + 1e-4
            && archetypes.min().item<float>() >= centred.min().item<float>() - 1e-4);
    }

    [Fact]
    public void What_is_looked_up_before_the_first_step_is_told_and_changes_nothing()
    {
        using var scope = NewDisposeScope();
        float[] values = [.. (Samples.Vectors(600, 8, ScalarType.Float32) + 1).data<float>()];
        var source = new ArrayVectors(values, 8);
        AutoencoderOptions options = new() { Variant = new ArchetypalOptions { Sparsity = 3 }, LatentSize = 20, Epochs = 1, BatchSize = 50, Seed = 3 };
        var told = new Told();

        using var trained = AutoencoderTrainer.Train(options, source, RowSet.Range(0, 500), RowSet.Range(500, 100), progress: told);
        using var silent = AutoencoderTrainer.Train(options, source, RowSet.Range(0, 500), RowSet.Range(500, 100));

        AutoencoderProgress[] start = [.. told.Values.TakeWhile(value => value.Start is not null)];
        Assert.Equal(["centroids", "vectors"], start.Select(value => value.Start!.Value.Unit).Distinct());
        foreach (var one in start.Select(value => value.Start!.Value)) Assert.InRange(one.Done, 1, one.Total);
        Assert.Contains(start, value => value.Start == ("centroids", 20, 20));
        Assert.All(start, value => Assert.Equal(0, value.Step));
        Assert.Contains(told.Values, value => value.Start is null && value.Step == value.Steps);
        Assert.DoesNotContain(told.Values.Skip(start.Length), value => value.Start is not null);
        Assert.True(trained.Autoencoder.DecoderWeight.equal(silent.Autoencoder.DecoderWeight).all().item<bool>());
    }

    private sealed class Told : IProgress<AutoencoderProgress>
    {
        public List<AutoencoderProgress> Values { get; } = [];

        public void Report(AutoencoderProgress value) => Values.Add(value);
    }

    [Fact]
    public void Two_seeds_meet_more_often_than_those_of_TopK()
    {
        using var scope = NewDisposeScope();
        // Vectors without a dictionary behind them: what a training finds there is the training's.
        var source = new ArrayVectors([.. Samples.Vectors(2000, 12, ScalarType.Float32).data<float>()], 12);
        Assert.True(Stability(new ArchetypalOptions { Sparsity = 3 }) > Stability(new TopKOptions { Sparsity = 3 }) + 0.1);

        double Stability(VariantOptions variant)
        {
            var options = new AutoencoderOptions
            {
                Variant = variant,
                LatentSize = 48,
                Epochs = 10,
                LearningRate = 2e-3,
                BatchSize = 50,
                Seed = 1
            };
            using var first = AutoencoderTrainer.Train(options, source, RowSet.Range(0, 1800), RowSet.Range(1800, 200));
            using var second = AutoencoderTrainer.Train(options with { Seed = 2 }, source, RowSet.Range(0, 1800), RowSet.Range(1800, 200));
            return DictionarySimilarity.MatchedCosine(first.Autoencoder.DecoderWeight, second.Autoencoder.DecoderWeight);
        }
    }

    [Fact]
    public void The_step_over_entries_gives_what_it_is_made_of_the_gradients_of_the_dense_one()
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Samples.Create("archetypal", 7, 19, ScalarType.Float64);
        var x = Samples.Vectors(30, 7, ScalarType.Float64);
        autoencoder.RequireGradients(true);
        using (var loss = autoencoder.Loss(x)) loss.Total.backward();
        autoencoder.RequireGradients(false);
        var expected = autoencoder.TrainableParameters.ToDictionary(pair => pair.Key, pair => pair.Value.grad!.clone());
        foreach (var parameter in autoencoder.TrainableParameters.Values) parameter.grad = null;
        // ∂L/∂W_dec of the plain TopK with the same weights, as the step over entries leaves it.
        using var plain = new TopKAutoencoder(7, 19, 5, dtype: ScalarType.Float64);
        using (no_grad())
        {
            foreach (var (name, parameter) in plain.Parameters) parameter.copy_(autoencoder.Parameters[name]);
        }
        plain.RequireGradients(true);
        using (var loss = plain.Loss(x)) loss.Total.backward();
        autoencoder.DecoderWeight.grad = plain.DecoderWeight.grad!.clone();
        autoencoder.BeforeStep();
        Assert.Null(autoencoder.DecoderWeight.grad);
        foreach (string name in (string[])[ArchetypalAutoencoder.HullWeightsName, ArchetypalAutoencoder.RelaxationName,
            ArchetypalAutoencoder.LogScaleName])
            Assert.True(expected[name].allclose(autoencoder.Parameters[name].grad!, 1e-9, 1e-12), name);
    }

    [Fact]
    public void More_centroids_than_vectors_are_refused_before_the_first_step()
    {
        var source = new ArrayVectors(new float[40], 4);
        var options = new AutoencoderOptions { Variant = new ArchetypalOptions { Sparsity = 2 }, LatentSize = 20 };
        var error = Assert.Throws<FoveaException>(() => AutoencoderTrainer.Train(options, source, RowSet.Range(0, 10), RowSet.Range(0,
            0)).Dispose());
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains("20 centroids", error.Message, StringComparison.Ordinal);
    }
}
