using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interventions;
using Fovea.Interventions.Studies;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interventions.Studies;

/// <summary>One image, changed: beside whole passes in which a slow loop changes the layer on the way.</summary>
[Collection(TensorCounts.Name)]
public sealed partial class ImageStudyTests
{
    private const int Latents = 24;
    private static readonly Preprocessing Input = new(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);

    public static TheoryData<string, string, string> Layers => new()
    {
        { "resnet18", "layer4", "topk" }, { "resnet18", "layer2", "jumprelu" }, { "resnet18", "layer1.0.conv1", "l1" },
        { "mobilenet_v2", "features.10", "gated" }, { "small_cnn", "block3", "matchingpursuit" }, { "small_cnn", "avgpool", "topk" },
        { "vit", "block0", "topk" }, { "swin", "stage1", "batchtopk" },
    };

    [Theory]
    [MemberData(nameof(Layers))]
    public void A_change_gives_what_a_whole_pass_gives_in_which_a_loop_makes_it(string architecture, string layer, string variant)
    {
        using ImageModel model = Make(architecture);
        using var made = Make(model, variant, layer);
        SparseAutoencoder dictionary = made;
        using ImageStudy study = new NetworkStudy(model, layer).Read(Picture(0));
        bool grid = study.Grid(layer) != (1, 1);
        (int, int)[]? some = grid ? [(0, 1), (study.Grid(layer).Height - 1, 0)] : null;
        int busy = study.Units(UnitGroup.Latents(layer, "d", dictionary)).Ranked[0].Unit, other = (busy + 5) % Latents;
        (UnitOperation Operation, Func<double, double> Edit)[] operations =
        [
            (UnitOperation.Zero, _ => 0), (UnitOperation.Set(0.4), _ => 0.4), (UnitOperation.Scale(2.5), value => 2.5 * value),
            (UnitOperation.Scale(-1), value => -value), (UnitOperation.Add(0.3), value => value + 0.3),
        ];
        foreach (var (operation, edit) in operations)
        {
            foreach (bool here in grid ? (bool[])[false, true] : [false])
            {
                foreach (DictionaryError error in Enum.GetValues<DictionaryError>())
                {
                    Intervention change = new(layer, new Latents(dictionary, error, busy, other), operation)
                    {
                        Positions = here ? some : null,
                    };
                    long before = FastPaths.Count(FastPath.KeptCodes);
                    Near(Hooked(model, layer, x => Coded(dictionary, x, [busy, other], edit, error), here ? some : null),
                        study.With(change), change.Caption);
                    Assert.Equal(before + 1, FastPaths.Count(FastPath.KeptCodes));
                }
                Intervention neurons = new(layer, EditedUnits.Neurons(1, 3), operation) { Positions = here ? some : null };
                Near(Hooked(model, layer, x => [.. x.Select((value, i) => i is 1 or 3 ? (float)edit(value) : value)], here ? some : null),
                    study.With(neurons), neurons.Caption);
            }
        }
        // The comparison can fail: the changes above are seen in the answer.
        Assert.True(Largest(study.Answer, study.With(
            new Intervention(layer, new Latents(dictionary, DictionaryError.Kept, busy), UnitOperation.Scale(20)))) > 1e-3);
    }

    [Fact]
    public void Changes_of_one_dictionary_are_made_together_on_the_codes_and_in_their_order()
    {
        using ImageModel model = Make("resnet18");
        using SparseAutoencoder dictionary = Make(model, "topk", "layer3");
        using ImageStudy study = new NetworkStudy(model, "layer3").Read(Picture(0));
        int[] units = [.. study.Units(UnitGroup.Latents("layer3", "d", dictionary)).Ranked.Take(2).Select(one => one.Unit)];
        (int, int)[] corner = [(0, 0)];
        Intervention One(UnitOperation operation, int unit, bool here, DictionaryError error) =>
            new("layer3", new Latents(dictionary, error, unit), operation) { Positions = here ? corner : null };

        foreach (DictionaryError error in Enum.GetValues<DictionaryError>())
        {
            IReadOnlyList<float> found = study.With(
                One(UnitOperation.Scale(3), units[0], false, error), One(UnitOperation.Add(1), units[0], false, error),
                One(UnitOperation.Zero, units[1], true, error));
            float[] expected = Hooked(model, "layer3", (x, y, column) => Coded(dictionary, x, codes =>
            {
                codes[units[0]] = 3 * codes[units[0]] + 1;
                if ((y, column) == (0, 0)) codes[units[1]] = 0;
            }, error));
            Near(expected, found, error.ToString());
            // Another order is another answer.
            Assert.True(Largest(found, study.With(
                One(UnitOperation.Add(1), units[0], false, error), One(UnitOperation.Scale(3), units[0], false, error),
                One(UnitOperation.Zero, units[1], true, error))) > 1e-3);
        }
        Assert.Throws<FoveaException>(() => study.With(
            One(UnitOperation.Zero, units[0], false, DictionaryError.Kept), One(UnitOperation.Zero, units[1], false, DictionaryError.Dropped)));
    }

    [Theory]
    [InlineData("layer2", "layer4")] // one behind the other
    [InlineData("layer2.0.conv1", "layer2.0.downsample")] // side by side: neither depends on the other
    [InlineData("layer3.1", "layer3")] // two names of one value
    public void Layers_are_changed_in_the_order_of_the_network(string early, string late)
    {
        using ImageModel model = Make("resnet18");
        using SparseAutoencoder first = Make(model, "topk", early), second = Make(model, "topk", late);
        using ImageStudy study = new NetworkStudy(model, late, early).Read(Picture(0));
        int one = study.Units(UnitGroup.Latents(early, "d", first)).Ranked[0].Unit;
        int two = study.Units(UnitGroup.Latents(late, "d", second)).Ranked[0].Unit;
        Intervention ofEarly = new(early, new Latents(first, DictionaryError.Kept, one), UnitOperation.Scale(4));
        Intervention ofLate = new(late, new Latents(second, DictionaryError.Dropped, two), UnitOperation.Scale(4));
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        float[] expected = Numbers(model.Forward(Pixels(Picture(0)), new Probe { Output = true }
            .With(early, output => Loop(output, (x, _, _) => Coded(first, x, [one], value => 4 * value, DictionaryError.Kept)))
            .With(late, output => Loop(output, (x, _, _) => Coded(second, x, [two], value => 4 * value, DictionaryError.Dropped)))).Logits);
        // The list's order says nothing of layers.
        Near(expected, study.With(ofEarly, ofLate), early);
        Near(expected, study.With(ofLate, ofEarly), late);
        Assert.True(Largest(expected, study.With(ofLate)) > 1e-4 && Largest(expected, study.With(ofEarly)) > 1e-4);
    }

    [Fact]
    public void Neurons_and_two_dictionaries_of_one_layer_follow_the_list()
    {
        using ImageModel model = Make("small_cnn");
        using SparseAutoencoder a = Make(model, "topk", "block3"), b = Make(model, "l1", "block3");
        using ImageStudy study = new NetworkStudy(model, "block3").Read(Picture(0));
        int one = study.Units(UnitGroup.Latents("block3", "a", a)).Ranked[0].Unit;
        int two = study.Units(UnitGroup.Latents("block3", "b", b)).Ranked[0].Unit;
        IReadOnlyList<float> found = study.With(
            new Intervention("block3", new Latents(a, DictionaryError.Kept, one), UnitOperation.Scale(3)),
            new Intervention("block3", EditedUnits.Neurons(2), UnitOperation.Add(0.5)),
            new Intervention("block3", new Latents(b, DictionaryError.Kept, two), UnitOperation.Scale(-2)));
        Near(Hooked(model, "block3", (x, _, _) =>
        {
            float[] changed = Coded(a, x, [one], value => 3 * value, DictionaryError.Kept);
            changed[2] += 0.5f;
            return Coded(b, changed, [two], value => -2 * value, DictionaryError.Kept);
        }), found, "in the list's order");
    }

    [Theory]
    [InlineData("topk")]
    [InlineData("l1")]
    public void Codes_as_they_are_change_nothing_with_the_error_and_are_the_splice_without(string variant)
    {
        using ImageModel model = Make("resnet18");
        using SparseAutoencoder dictionary = Make(model, variant, "layer4");
        using ImageStudy study = new NetworkStudy(model, "layer4").Read(Picture(0));
        Intervention Ones(DictionaryError error) => new("layer4", new Latents(dictionary, error), UnitOperation.Scale(1));
        Near(study.Answer, study.With(Ones(DictionaryError.Kept)), "kept");
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        float[] spliced = Numbers(model.Forward(
            Pixels(Picture(0)), new Probe { Output = true }.With("layer4", dictionary.Reconstruct)).Logits);
        Near(spliced, study.With(Ones(DictionaryError.Dropped)), "dropped");
        Assert.True(Largest(spliced, study.Answer) > 1e-3);
        // All latents × 2, and one of them back.
        Near(Hooked(model, "layer4", (x, _, _) => Coded(dictionary, x, codes =>
            {
                for (int i = 0; i < codes.Length; i++) codes[i] *= 2;
                codes[3] /= 2;
            }, DictionaryError.Kept)),
            study.With(
                new Intervention("layer4", new Latents(dictionary, DictionaryError.Kept), UnitOperation.Scale(2)),
                new Intervention("layer4", new Latents(dictionary, DictionaryError.Kept, 3), UnitOperation.Scale(0.5))), "all");
    }

    [Fact]
    public void Before_a_pooled_head_a_scaled_latent_moves_each_logit_by_its_share()
    {
        using ImageModel model = Make("resnet18");
        using SparseAutoencoder dictionary = Make(model, "topk", "layer4");
        using ImageStudy study = new NetworkStudy(model, "layer4").Read(Picture(0));
        UnitGroup latents = UnitGroup.Latents("layer4", "d", dictionary);
        for (int output = 0; output < study.Answer.Count; output++)
        {
            LogitShares shares = study.Shares(latents, output)!, neurons = study.Shares(UnitGroup.Neurons("layer4"), output)!;
            Assert.Equal(study.Answer[output], shares.Sum, 1e-4);
            Assert.Equal(study.Answer[output], neurons.Sum, 1e-4);
            Assert.Equal(0, neurons.Error);
            Assert.True(Math.Abs(shares.Error) > 1e-3);
            // Without the error the logit is what the splice gives.
            Assert.Equal(
                study.With(new Intervention("layer4", new Latents(dictionary, DictionaryError.Dropped), UnitOperation.Scale(1)))[output],
                shares.Sum - shares.Error, 1e-4);
            var (unit, share) = shares.Units.MaxBy(one => Math.Abs(one.Share));
            double moved = study.With(
                new Intervention("layer4", new Latents(dictionary, DictionaryError.Kept, unit), UnitOperation.Scale(-1.5)))[output]
                - study.Answer[output];
            Assert.Equal(-2.5 * share, moved, 1e-4);
        }
        using ImageStudy earlier = new NetworkStudy(model, "layer3").Read(Picture(0));
        Assert.Null(earlier.Shares(UnitGroup.Neurons("layer3"), 0));
        Assert.Throws<FoveaException>(() => study.Shares(latents, study.Answer.Count));
    }

    [Theory]
    [InlineData(InputNormalization.LayerNorm)]
    [InlineData(InputNormalization.ConstantNorm)]
    public void Of_a_dictionary_that_scales_each_vector_changes_and_shares_are_on_the_vectors_own_scale(InputNormalization way)
    {
        using ImageModel model = Make("resnet18");
        using SparseAutoencoder dictionary = Samples.Create("topk", 512, Latents, float32);
        dictionary.Normalization = way;
        using ImageStudy study = new NetworkStudy(model, "layer4").Read(Picture(0));
        UnitGroup latents = UnitGroup.Latents("layer4", "d", dictionary);
        int busy = study.Units(latents).Ranked[0].Unit, other = study.Units(latents).Ranked[1].Unit;
        foreach (DictionaryError error in Enum.GetValues<DictionaryError>())
        {
            foreach (var (operation, edit) in ((UnitOperation, Func<float, float>)[])
                [(UnitOperation.Zero, _ => 0), (UnitOperation.Scale(3), value => 3 * value), (UnitOperation.Add(0.5), value => value + 0.5f)])
            {
                float[] expected = Hooked(model, "layer4", (x, _, _) => Framed(dictionary, x, codes =>
                {
                    codes[busy] = edit(codes[busy]);
                    codes[other] = edit(codes[other]);
                }, error));
                IReadOnlyList<float> found = study.With(new Intervention("layer4", new Latents(dictionary, error, busy, other), operation));
                Near(expected, found, $"{way}, {error}, {operation}");
                if (error == DictionaryError.Kept) Assert.True(Largest(study.Answer, found) > 1e-3);
            }
        }
        for (int output = 0; output < study.Answer.Count; output++)
        {
            LogitShares shares = study.Shares(latents, output)!;
            Assert.Equal(study.Answer[output], shares.Sum, 1e-4);
            double share = shares.Units.Single(one => one.Unit == busy).Share;
            double lost = study.Answer[output]
                - study.With(new Intervention("layer4", new Latents(dictionary, DictionaryError.Kept, busy), UnitOperation.Zero))[output];
            Assert.Equal(lost, share, 1e-4);
        }
    }

    [Fact]
    public void Units_are_ranked_as_the_comparison_ranks_them_and_maps_are_the_codes()
    {
        using ImageModel model = Make("small_cnn");
        using SparseAutoencoder dictionary = Make(model, "topk", "block3");
        using ImageStudy study = new NetworkStudy(model, "block3").Read(Picture(0));
        UnitGroup[] groups = [UnitGroup.Neurons("block3"), UnitGroup.Latents("block3", "d", dictionary)];
        IReadOnlyList<ImageRanking> rankings = ImageComparison.Rank(model, groups, Picture(0), top: 6);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor maps = model.Forward(Pixels(Picture(0)), new Probe("block3"))["block3"];
        for (int i = 0; i < groups.Length; i++)
        {
            UnitMaps units = study.Units(groups[i]);
            Assert.Equal(rankings[i].Top.Select(one => one.Unit), units.Ranked.Take(6).Select(one => one.Unit));
            Assert.Equal(rankings[i].Active, units.Ranked.Count);
            Tensor values = i == 0 ? maps : dictionary.EncodeMap(maps);
            UnitOnImage best = units.Ranked[0];
            float[] map = values[0, best.Unit].contiguous().data<float>().ToArray();
            float[] found = units.Map(best.Unit);
            for (int p = 0; p < map.Length; p++) Assert.Equal(map[p], found[p], 1e-5);
            Assert.Equal(map.Select(Math.Abs).Max(), Math.Abs(best.Peak), 1e-5);
            Assert.Equal(best.Peak, found[best.Y * units.Width + best.X]);
            Assert.Equal(map.Count(value => value != 0), best.Positions);
            IReadOnlyList<UnitValue> here = units.At(best.Y, best.X);
            Assert.Equal(here.OrderByDescending(one => Math.Abs(one.Value)).Select(one => one.Unit), here.Select(one => one.Unit));
            Assert.Contains(here, one => one.Unit == best.Unit && one.Value == best.Peak);
            Assert.Throws<FoveaException>(() => units.At(0, units.Width));
            Assert.Throws<FoveaException>(() => units.Map(units.Units));
        }
    }

    [Fact]
    public void A_network_from_a_file_and_one_without_classes_are_changed_too()
    {
        string folder = Directory.CreateTempSubdirectory("fovea-study-").FullName;
        try
        {
            foreach (var (program, layer) in new[] { (SmallPrograms.Classifier(side: 32), "bn"), (SmallPrograms.Extractor(32), "pool") })
            {
                using ImportedNetwork file = NetworkFile.Open(program.Save(folder));
                using ImageModel model = file.ToModel(Input);
                using SparseAutoencoder dictionary = Make(model, "topk", layer);
                using ImageStudy study = new NetworkStudy(model, layer).Read(Picture(0));
                int unit = study.Units(UnitGroup.Latents(layer, "d", dictionary)).Ranked[0].Unit;
                Near(Hooked(model, layer, x => Coded(dictionary, x, [unit], value => 3 * value, DictionaryError.Kept), null),
                    study.With(new Intervention(layer, new Latents(dictionary, DictionaryError.Kept, unit), UnitOperation.Scale(3))), layer);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void What_cannot_be_is_refused_by_a_sentence()
    {
        using ImageModel model = Make("small_cnn");
        using SparseAutoencoder dictionary = Make(model, "topk", "block3");
        using var narrow = Samples.Create("topk", 7, 20, float32);
        var network = new NetworkStudy(model, "block3", "fc");
        using ImageStudy study = network.Read(Picture(0));
        Intervention Of(string layer, EditedUnits units) => new(layer, units, UnitOperation.Zero);
        Intervention good = Of("block3", new Latents(dictionary, DictionaryError.Kept, 1));
        (Action Bad, string Words)[] cases =
        [
            (() => study.With(Of("block9", EditedUnits.Neurons(1))), "block9"),
            (() => study.With(Of("block2", EditedUnits.Neurons(1))), "block2"),
            (() => study.With(Of("block3", EditedUnits.Neurons(9999))), "9999"),
            (() => study.With(Of("block3", new Latents(dictionary, DictionaryError.Kept, Latents))), $"Latent {Latents}"),
            (() => study.With(Of("block3", new Latents(narrow, DictionaryError.Kept, 1))), "another layer"),
            (() => study.With(good with { Positions = [(0, 99)] }), "(0, 99)"),
            (() => study.With(Of("fc", EditedUnits.Neurons(1)) with { Positions = [(0, 0)] }), "no positions"),
            (() => study.With(good with { Operation = UnitOperation.Resample }), "other images"),
            (() => UnitOperation.Set(double.NaN), "NaN"),
            (() => UnitOperation.Scale(double.PositiveInfinity), "cannot use"),
            (() => study.With(good with { Operation = UnitOperation.Set(1e38) }, good with { Operation = UnitOperation.Scale(1e38) }), "NaN"),
            (() => study.With([.. Enumerable.Repeat(good, 1_000_000)]), "1000000"),
            (() => _ = new NetworkStudy(model, "nowhere"), "nowhere"),
        ];
        foreach (var (bad, words) in cases) Assert.Contains(words, Assert.Throws<FoveaException>(bad).Message, StringComparison.Ordinal);
        // And it goes on as before.
        Near(study.Answer, study.With(good with { Operation = UnitOperation.Scale(1) }), "afterwards");
    }

    [Fact]
    public void Nothing_is_left_behind_by_two_hundred_changes()
    {
        using ImageModel model = Make("resnet18");
        using SparseAutoencoder one = Make(model, "topk", "layer2"), two = Make(model, "topk", "layer4");
        using ImageStudy study = new NetworkStudy(model, "layer2", "layer4").Read(Picture(0));
        IReadOnlyList<float> Change(double by) => study.With(
            new Intervention("layer2", new Latents(one, DictionaryError.Dropped, 1, 2), UnitOperation.Scale(by)),
            new Intervention("layer4", new Latents(two, DictionaryError.Kept, 3), UnitOperation.Scale(by)));
        IReadOnlyList<float> first = Change(2);
        long before = TensorCounts.Settled();
        for (int i = 0; i < 200; i++) Change(i);
        Assert.Equal(before, TensorCounts.Settled());
        Assert.Equal(first, Change(2));
        study.Forget(one);
        study.Forget(two);
        study.Dispose();
        using var again = new NetworkStudy(model, "layer2", "layer4").Read(Picture(0));
        Assert.Equal(study.Answer, again.Answer);
    }
}
