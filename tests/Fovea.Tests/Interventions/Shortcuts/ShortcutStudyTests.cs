using Fovea.Datasets;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interpretation.Shortcuts;
using Fovea.Interventions.Shortcuts;
using Fovea.Models;
using Fovea.Models.Edits;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interventions.Shortcuts;

/// <summary>A network whose shortcut is written down: which unit it is, what it adds, and what is won by muting it.</summary>
[Collection(TensorCounts.Name)]
public sealed class ShortcutStudyTests : IDisposable
{
    private const int Images = 200;
    private const double OfMark = 200;

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private readonly MarkedSource _source = new(new ColouredSquares(Images), PlantedShortcut.Parse("mark:green:0.9"), 2, training: false);
    private readonly ImageModel _network = RuledNetwork.Create(OfMark), _reference = RuledNetwork.Create(0);
    private readonly TopKAutoencoder _dictionary = new(3, 4, 3);

    public ShortcutStudyTests()
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        // Latents 0, 1, 2 are the units 2, 0, 1; the last never is.
        Tensor order = tensor(new float[] { 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0 }, [3, 4]);
        _dictionary.Parameters[SparseAutoencoder.EncoderWeightName].copy_(order);
        _dictionary.Parameters[SparseAutoencoder.DecoderWeightName].copy_(order.t());
    }

    private ShortcutOptions Options => new()
    {
        Groups = ImageGroups.Planted(_source),
        Background = Masks(),
        Reference = _reference,
    };

    public void Dispose()
    {
        _dictionary.Dispose();
        _network.Dispose();
        _reference.Dispose();
        _source.Dispose();
        Directory.Delete(_folder, true);
    }

    [Fact]
    public void The_unit_that_sees_the_mark_is_found_with_all_that_is_known_of_it()
    {
        ShortcutsDocument found = Run(RuledNetwork.Last).Document;
        Assert.True(found.Exact);
        Assert.Equal(("masks", "mark:green:0.9"), (found.Background, found.Group));
        Assert.Equal(1 - 36 / 256.0, found.BackgroundArea, 1e-3);
        ClassShortcuts green = Assert.Single(found.Classes);
        Assert.Equal("green square", green.Name);
        // Said of every marked image, and of every second other one.
        Assert.Equal(0.5, found.Shifts[0].Shift.Value, 0.02);
        foreach (var (source, number) in green.Sources.Zip((int[])[0, 1]))
        {
            ShortcutUnit mark = source.Units[0];
            Assert.Equal(number, mark.Unit);
            // Its weight less the mean weight of both classes, times the mark's share of the image.
            Assert.Equal(RuledNetwork.Mark * OfMark / 2, mark.Effect.Value, 1e-4);
            Assert.Equal(new IntervalEstimate(1, 1, 1), mark.Alignment);
            Assert.Equal(1, mark.Background!.Value, 1e-6);
            Assert.Equal(1, mark.Consistency!.Value, 1e-6);
            Assert.All(source.Units.Skip(1), other =>
            {
                // The others see the object, which says nothing of the mark.
                Assert.Equal(0, other.Effect.Value, 1e-5);
                Assert.Equal(0.5, other.Alignment!.Value, 1e-9);
                Assert.Equal(0, other.Background!.Value, 1e-6);
                Assert.InRange(other.Consistency!.Value, 0.2, 0.7);
            });
        }
    }

    [Fact]
    public void Muting_it_wins_back_all_that_was_lost()
    {
        ClassShortcuts green = Run(RuledNetwork.Last).Document.Classes[0];
        MutingOutcome before = Named(green, "as it is"), neuron = Named(green, "1 neuron muted"),
            latent = Named(green, "1 latent of d muted"), erased = Named(green, "direction of the group erased (LEACE)"),
            trained = Named(green, "last layer trained again");
        Assert.Equal([1.0, 1, 0, 1], before.Groups.Select(group => group.Accuracy.Value));
        Assert.Equal((0.0, 0.75), (before.Worst.Value, before.Balanced.Value));
        Assert.Equal(1, green.Sources[0].Muted);
        foreach (MutingOutcome muted in (MutingOutcome[])[neuron, latent])
        {
            Assert.Equal([1.0, 1, 1, 1], muted.Groups.Select(group => group.Accuracy.Value));
            Assert.Equal(new IntervalEstimate(1, 1, 1), muted.WorstWonBack);
            Assert.Equal(new IntervalEstimate(1, 1, 1), muted.BalancedWonBack);
            Assert.Equal(1, muted.Size);
        }
        Assert.Equal([0], neuron.Units!);
        Assert.Equal([1], latent.Units!);
        Assert.Equal([1], Named(green, "1 latent of d muted, chosen one by one").Units!);
        Assert.Single(Named(green, "1 latent of d muted, drawn at random").Units!);
        Assert.Null(erased.Units);
        // The other ways to choose find the same one.
        foreach (string way in (string[])["by alignment × effect", "chosen one by one"])
        {
            Assert.Equal(1, Named(green, $"1 neuron muted, {way}").Worst.Value);
            Assert.Equal(1, Named(green, $"1 latent of d muted, {way}").Worst.Value);
        }
        // Put to its mean each image is left with half a mark, as by erasing, which helps less than nothing: no unit is.
        Assert.Equal(0, Named(green, "0 latents of d put to their mean").Size);
        Assert.Equal(0, Named(green, "0 neurons put to their mean, chosen one by one").Size);
        // Erasing keeps the mean: every image is left with half a mark, ½ · 4/256 · 200 = 1.56 for green, more than a blue square's 1.41.
        Assert.Equal([1.0, 1, 0, 0], erased.Groups.Select(group => group.Accuracy.Value));
        Assert.True(trained.WorstGain.Lower > 0.5);
        Assert.Equal(1, green.Reference!.Worst.Value);
    }

    [Fact]
    public void Where_another_layer_follows_effects_are_measured_and_the_same()
    {
        ShortcutsDocument exact = Run(RuledNetwork.Last).Document, measured = Run(RuledNetwork.First).Document;
        Assert.False(measured.Exact);
        Assert.DoesNotContain(measured.Classes[0].Outcomes, one => one.Name == "last layer trained again");
        foreach (var (one, other) in exact.Classes[0].Sources.Zip(measured.Classes[0].Sources))
        {
            Assert.Equal(one.Units[0].Unit, other.Units[0].Unit);
            Assert.Equal(one.Units[0].Effect.Value, other.Units[0].Effect.Value, 1e-3);
            Assert.Equal(1, Named(measured.Classes[0], other.Name == "neurons" ? "1 neuron muted" : "1 latent of d muted").Worst.Value);
        }
    }

    [Fact]
    public void Nothing_is_judged_on_images_that_it_was_chosen_on()
    {
        ShortcutFindings found = Run(RuledNetwork.Last);
        Assert.Empty(found.Fold.Intersect(found.Test));
        Assert.Equal(Images, found.Fold.Count + found.Test.Count);
        // Both halves have as many of each class and group, one more or less.
        foreach (var cell in Enumerable.Range(0, Images).GroupBy(i => (_source.Label(i), _source.IsPlanted(i))))
            Assert.InRange(cell.Count(found.Fold.Contains) - cell.Count(found.Test.Contains), -1, 1);
    }

    [Fact]
    public void A_network_without_a_shortcut_has_nothing_muted()
    {
        ClassShortcuts none = ShortcutStudy.Run(_reference, RuledNetwork.Last, Units(RuledNetwork.Last), _source,
            Options with { Reference = null, Classes = [0] }).Document.Classes[0];
        Assert.All(none.Sources, source => Assert.Equal(0, source.Muted));
        Assert.All(none.Outcomes.Where(one => one.Name.EndsWith("muted", StringComparison.Ordinal)),
            one => Assert.Equal((0, 1.0), (one.Size, one.Worst.Value)));
        Assert.All(none.Outcomes, one => Assert.Null(one.WorstWonBack));
    }

    [Fact]
    public void Without_groups_the_mark_is_found_by_where_it_lies_and_nothing_is_judged()
    {
        ShortcutFindings found = ShortcutStudy.Run(_network, RuledNetwork.Last, Units(RuledNetwork.Last), _source,
            new ShortcutOptions { Background = Masks(), Classes = [0] });
        Assert.Equal((null, 0, Images), (found.Document.Group, found.Document.TestImages, found.Document.FoldImages));
        ShortcutUnit first = found.Document.Classes[0].Sources[0].Units[0];
        Assert.Equal(0, first.Unit);
        Assert.True(first.Effect.Lower > 0.5);
        Assert.Null(first.Alignment);
        Assert.Empty(found.Document.Classes[0].Outcomes);
    }

    [Fact]
    public void Units_are_chosen_one_by_one_as_whole_passes_would_choose_them()
    {
        string layer = RuledNetwork.Last;
        int[] images = [.. Enumerable.Range(0, Images)];
        ImageReadings readings = ImageReadings.Of(_network, layer, Units(layer), _source, images, Masks(), 32, null, default);
        bool[] member = [.. images.Select(_source.IsPlanted)];
        var judgement = new ShortcutJudgement(readings.Labels, member, 0, readings.Predicted, null, 1);
        foreach (UnitReadings units in readings.Units)
        {
            LogitEffects effects = LogitEffects.Of(_network, units.Group)!;
            var ranked = UnitRanking.Of(readings, units, 0, member, UnitEffects.Exact(units, effects, 0));
            foreach (double value in (double[])[0, 0.02, 0.5])
            {
                int[] found = MutingSearch.Of(
                    PooledHead.After(_network, layer)!, readings, units, effects, ranked, _ => value, said => judgement.Mean(said), 3, default);
                List<int> slow = [];
                double best = judgement.Mean(readings.Predicted);
                while (slow.Count < 3)
                {
                    int[] left = [.. ranked.OrderByDescending(one => Math.Abs(one.Unit.Effect.Value)).ThenBy(one => one.Unit.Unit)
                        .Select(one => one.Unit.Unit).Except(slow)];
                    double[] scores = [.. Mutings.Answers(_network, [.. left.Select(unit => new Intervention(
                        layer, Mutings.Units(units.Group, [.. slow, unit]), UnitOperation.Set(value)))], _source, images, 32, null, default)
                        .Select(said => judgement.Mean(said))];
                    if (scores.Length == 0 || scores.Max() <= best) break;
                    best = scores.Max();
                    slow.Add(left[Array.IndexOf(scores, best)]);
                }
                Assert.Equal(slow, found);
                if (value == 0) Assert.Single(found);
            }
        }
    }

    [Fact]
    public void A_study_is_written_whole_and_the_same_each_time()
    {
        ShortcutFindings found = Run(RuledNetwork.Last);
        string folder = Path.Combine(_folder, "out");
        ShortcutsDocument written = ShortcutFolder.Write(folder, _network, _source, found, Options.Groups);
        string path = Path.Combine(folder, ShortcutsDocument.FileName);
        byte[] first = File.ReadAllBytes(path);
        var read = DocumentFile.Read<ShortcutsDocument>(path);
        ShortcutUnit mark = read.Classes[0].Sources[0].Units[0];
        Assert.Equal(4, mark.Pictures.Count);
        Assert.All(mark.Pictures, picture =>
        {
            Assert.True(picture.InGroup);
            RgbImage image = ImageCodec.Decode(File.ReadAllBytes(Path.Combine(folder, picture.Picture.File)), "picture");
            // Hot where the mark is, dark where nothing is.
            Assert.True(image.Pixels[0] + image.Pixels[1] > image.Pixels[^3] + image.Pixels[^2] + 60);
        });
        Assert.Equal(found.Rows.Count, TableFile.Read<ShortcutRow>(Path.Combine(folder, ShortcutRow.FileName)).Count);
        string[] groups = File.ReadAllLines(Path.Combine(folder, ShortcutFolder.GroupsName));
        Assert.Equal(("image,group,part", Images + 1), (groups[0], groups.Length));
        // What is written can be read as groups again.
        ImageGroups again = ImageGroups.Read(Path.Combine(folder, ShortcutFolder.GroupsName), _source, null);
        Assert.All(Enumerable.Range(0, Images), i => Assert.Equal(_source.IsPlanted(i), again[i]));
        ShortcutFolder.Write(folder, _network, _source, Run(RuledNetwork.Last), Options.Groups);
        Assert.Equal(first, File.ReadAllBytes(path));
        Assert.Single(Directory.GetDirectories(folder));
        Assert.Equal(written.Classes[0].Sources[0].Units[0].Pictures.Count, mark.Pictures.Count);
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        Assert.Equal(FailureKind.Configuration, Refused("nowhere", Options).Kind);
        Assert.Equal(FailureKind.Configuration, Refused(RuledNetwork.Last, Options with { Classes = [7] }).Kind);
        Assert.Equal(FailureKind.Data, Refused(RuledNetwork.Last, Options with { Images = [1] }).Kind);
        // A group of all images, of none that are looked at, and one that is the class itself: nothing could be told.
        Assert.Contains("All of the", Refused(RuledNetwork.Last, Grouped(_ => true, "1")).Message, StringComparison.Ordinal);
        int[] outside = [.. Enumerable.Range(0, Images).Where(i => !_source.IsPlanted(i))];
        Assert.Contains("None of the", Refused(RuledNetwork.Last, Options with { Images = outside }).Message, StringComparison.Ordinal);
        Assert.Contains("told apart", Refused(RuledNetwork.Last, Grouped(i => _source.Label(i) == 0, null)).Message, StringComparison.Ordinal);

        ShortcutOptions Grouped(Func<int, bool> member, string? value)
        {
            string path = Path.Combine(_folder, "groups.csv");
            File.WriteAllLines(path, ["image,group", .. Enumerable.Range(0, Images).Select(i => $"{_source.Id(i)},{(member(i) ? 1 : 0)}")]);
            return Options with { Groups = ImageGroups.Read(path, _source, value) };
        }

        FoveaException Refused(string layer, ShortcutOptions options) => Assert.Throws<FoveaException>(
            () => ShortcutStudy.Run(_network, layer, [UnitGroup.Neurons(layer)], _source, options));
    }

    [Fact]
    public void Memory_is_given_back()
    {
        Run(RuledNetwork.Last);
        long before = TensorCounts.Settled();
        Run(RuledNetwork.Last);
        Run(RuledNetwork.First);
        Assert.Equal(before, Tensor.TotalCount);
    }

    private IReadOnlyList<UnitGroup> Units(string layer) => [UnitGroup.Neurons(layer), UnitGroup.Latents(layer, "d", _dictionary)];

    private ShortcutFindings Run(string layer) => ShortcutStudy.Run(
        _network, layer, Units(layer), _source, Options, cancellation: TestContext.Current.CancellationToken);

    private static MutingOutcome Named(ClassShortcuts one, string name) => Assert.Single(one.Outcomes, outcome => outcome.Name == name);

    private ImageBackground Masks()
    {
        string folder = Path.Combine(_folder, "masks");
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(Path.Combine(folder, "square"));
            for (int i = 0; i < Images; i++)
            {
                var pixels = new byte[16 * 16 * 3];
                (int left, int top) = ColouredSquares.Place(i);
                for (int y = top; y < top + 6; y++) pixels.AsSpan(3 * (16 * y + left), 18).Fill(255);
                File.WriteAllBytes(Path.Combine(folder, $"{_source.Id(i)}.png"), ImageCodec.EncodePng(new RgbImage(16, 16, pixels)));
            }
        }
        return ImageBackground.Masks(folder, _source);
    }
}
