using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interventions;
using Fovea.Interventions.Studies;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Runs;
using Fovea.Runs.Studies;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Runs.Studies;

/// <summary>A run's network for image after image: what is kept, what is let go, what is read anew.</summary>
[Collection(TensorCounts.Name)]
public sealed class RunNetworkTests
{
    [Fact]
    public void Layers_dictionaries_and_answers_are_the_run_s()
    {
        using var run = new StudiedRun();
        using var network = new RunNetwork(new RunFolder(run.Folder));
        Assert.Equal(StudiedRun.Layers, network.Layers);
        Assert.Equal(["topk"], network.Dictionaries("block3"));
        using ImageModel model = ModelFile.Load(Path.Combine(run.Folder, "model"));
        using SparseAutoencoder dictionary = AutoencoderFile.Load(Path.Combine(run.Folder, "dictionaries", "block3", "topk"));
        ImageStudy study = network.Study("a", Seen(0));
        UnitGroup group = network.Group("block3", "topk");
        int unit = study.Units(group).Ranked[0].Unit;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor input = StudiedRun.Pixels(StudiedRun.Picture(0));
        Assert.Equal(model.Forward(input).data<float>().ToArray(), study.Answer);
        // The dictionary as it lies in the folder, in a whole pass.
        float[] hooked = [.. model.Forward(input, new Probe { Output = true }.With("block3", output =>
        {
            Tensor codes = dictionary.EncodeMap(output);
            codes[.., unit] *= 3;
            Tensor dense = codes.permute(0, 2, 3, 1).reshape(-1, StudiedRun.Latents);
            Tensor before = dictionary.Reconstruct(output), after = dictionary.DecodeDense(dense)
                .reshape(output.shape[0], output.shape[2], output.shape[3], output.shape[1]).permute(0, 3, 1, 2);
            return output + after - before;
        })).Logits.data<float>()];
        IReadOnlyList<float> found = study.With(
            new Intervention("block3", new Latents(group.Autoencoder!, DictionaryError.Kept, unit), UnitOperation.Scale(3)));
        for (int i = 0; i < hooked.Length; i++) Assert.Equal(hooked[i], found[i], 1e-4);
        Assert.Contains(Enumerable.Range(0, hooked.Length), i => Math.Abs(hooked[i] - study.Answer[i]) > 1e-3);
    }

    [Fact]
    public void A_dictionary_or_network_that_is_made_anew_is_not_taken_for_the_old_one()
    {
        using var run = new StudiedRun();
        using var network = new RunNetwork(new RunFolder(run.Folder));
        ImageStudy study = network.Study("a", Seen(0));
        float[] before = Map();
        Assert.Same(network.Group("block3", "topk").Autoencoder, network.Group("block3", "topk").Autoencoder);
        run.WriteDictionary("block3", "topk", seed: 99);
        float[] after = Map();
        Assert.NotEqual(before, after);
        using SparseAutoencoder now = AutoencoderFile.Load(Path.Combine(run.Folder, "dictionaries", "block3", "topk"));
        using var other = new RunNetwork(new RunFolder(run.Folder));
        Assert.Equal(other.Study("a", Seen(0)).Units(other.Group("block3", "topk")).Map(3), after);
        Assert.True(network.IsCurrent);
        File.SetLastWriteTimeUtc(Path.Combine(run.Folder, "model", ModelFile.WeightsName), DateTime.UtcNow.AddSeconds(5));
        Assert.False(network.IsCurrent);

        float[] Map() => study.Units(network.Group("block3", "topk")).Map(3);
    }

    [Fact]
    public void What_was_used_longest_ago_goes_first_and_comes_back_the_same()
    {
        using var run = new StudiedRun();
        run.WriteDictionary("block3", "second", seed: 5);
        using var network = new RunNetwork(new RunFolder(run.Folder)) { StudyBytes = 1, DictionaryBytes = 1 };
        ImageStudy first = network.Study("a", Seen(0));
        first.Units(network.Group("block3", "topk"));
        float[] answer = [.. first.Answer];
        network.Trim();
        Assert.Same(first, network.Study("a", Seen(0)));
        long one = network.Bytes;
        long settled = TensorCounts.Settled();
        for (int i = 1; i < 30; i++)
        {
            network.Study($"image {i}", Seen(i)).Units(network.Group("block3", i % 2 == 0 ? "topk" : "second"));
            network.Trim();
        }
        network.Study("a", Seen(0)).Units(network.Group("block3", "topk"));
        network.Trim();
        Assert.Equal(answer, network.Study("a", Seen(0)).Answer);
        Assert.Equal(settled, TensorCounts.Settled());
        Assert.Equal(one, network.Bytes);
    }

    [Fact]
    public void What_is_not_there_is_told_by_a_sentence()
    {
        using var run = new StudiedRun();
        using (var network = new RunNetwork(new RunFolder(run.Folder)))
        {
            Assert.Contains("block3", Assert.Throws<FoveaException>(() => network.Group("blok3", "topk")).Message, StringComparison.Ordinal);
            Assert.Contains("topk", Assert.Throws<FoveaException>(() => network.Group("block3", "topkk")).Message, StringComparison.Ordinal);
            Assert.Throws<FoveaException>(() => network.Group("block3", "../block4/topk"));
            run.WriteDictionary("block3", "foreign", seed: 5, network: new string('0', 64));
            Assert.Contains("was made from network", Assert.Throws<FoveaException>(() => network.Group("block3", "foreign")).Message,
                StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(run.Folder, "dictionaries", "block3", "foreign", AutoencoderFile.WeightsName), "cut");
            Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => network.Group("block3", "foreign")).Kind);
            // The others go on.
            Assert.Equal(StudiedRun.Latents, network.Group("block3", "topk").Autoencoder!.LatentSize);
        }
        Directory.Delete(Path.Combine(run.Folder, "model"), recursive: true);
        Assert.Contains(
            "first stage", Assert.Throws<FoveaException>(() => new RunNetwork(new RunFolder(run.Folder))).Message, StringComparison.Ordinal);
    }

    private static RgbImage Seen(int number) => StudiedRun.Input.ApplyToPixels(StudiedRun.Picture(number));
}
