using Fovea.Activations.Filters.ClassActivation;
using Fovea.Imaging;
using Fovea.Interpretation.Attribution;
using Fovea.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interpretation.Attribution;

public sealed class CamSurveyTests : IDisposable
{
    private static readonly Preprocessing Small = new(null, 32, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);
    private static readonly string[] Names = ["gradcam", "gradcam-signed", "layercam"];
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-cams-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(CamClass.True)]
    [InlineData(CamClass.Predicted)]
    public void Shares_equal_those_counted_image_by_image(CamClass of)
    {
        using var network = Make();
        using var source = new NoisePictures(23);
        CamReport report = Measure(network, source, of, batchSize: 4), other = Measure(network, source, of, batchSize: 23);
        Assert.Equal([4, 4], report.Grid);
        Assert.Equal((23, "block3"), (report.Images, report.Layer));
        Assert.Equal(report.Methods, other.Methods);
        List<(bool Right, float[][] Maps)> slow = [];
        for (int image = 0; image < 23; image++)
        {
            using var scope = NewDisposeScope();
            var pixels = new float[3 * 32 * 32];
            Small.Apply(source.Read(image), 0, pixels);
            Tensor input = tensor(pixels, [1, 3, 32, 32]);
            int predicted = (int)network.Forward(input).argmax(1).item<long>(), label = source.Label(image);
            var maps = ClassActivationMaps.Compute(
                network, "block3", input, [of == CamClass.True ? label : predicted], [.. Names.Select(ClassActivationMaps.Get)]);
            slow.Add((predicted == label, [.. maps.Select(map => map.contiguous().data<float>().ToArray())]));
        }
        Assert.Equal(slow.Average(one => one.Right ? 1.0 : 0), report.Top1!.Value, 1e-12);
        for (int m = 0; m < Names.Length; m++)
        {
            CamSummary actual = report.Methods[m];
            double Share(Func<float[], bool> has, Func<bool, bool>? among = null)
            {
                var images = slow.Where(one => among?.Invoke(one.Right) ?? true).ToArray();
                return images.Count(one => has(one.Maps[m])) / (double)images.Length;
            }
            bool Nowhere(float[] map) => map.All(value => value <= 0);
            Func<float[], bool> failed = Names[m] == "gradcam-signed" ? map => map.All(value => value == 0) : Nowhere;
            Assert.Equal(
                (Names[m], Share(failed), Share(Nowhere), Share(map => map.All(value => value == 0)),
                    Share(map => map.Sum(value => (double)value) <= 0)),
                (actual.Name, actual.AllZero, actual.NowherePositive, actual.Silent, actual.NegativeSum));
            Assert.Equal(
                (Share(failed, right => right), Share(failed, right => !right)), (actual.AllZeroWhereRight, actual.AllZeroWhereWrong));
            Assert.Equal(slow.Average(one => one.Maps[m].Count(value => value > 0) / 16.0), actual.PositiveArea, 1e-12);
        }
        // The images must tell the measures apart, or the test says nothing.
        if (of == CamClass.True) Assert.InRange(report.Methods[0].AllZero, 0.05, 0.95);
        Assert.Equal(0, report.Methods[1].AllZero);
    }

    [Fact]
    public void What_is_counted_of_maps_given()
    {
        ClassActivationMap[] methods = [new GradCam(), new SignedGradCam()];
        var statistics = new CamStatistics(methods);
        float[][] maps = [[-1, -2, 0, -1], [3, -1, -1, -1], [4, -2, -3, -1], [0, 0, 0, 0]];
        bool[] right = [true, true, false, false];
        for (int i = 0; i < 4; i++)
        {
            using var scope = NewDisposeScope();
            Tensor map = tensor(maps[i], [1, 2, 2]);
            statistics.Add([maps[i], maps[i]], [.. methods.Select(method => method.Drawn(map).data<float>().ToArray())], right[i]);
        }
        statistics.Grid = [2, 2];
        CamReport report = statistics.Report("layer", CamClass.True);
        // In two halves that are joined: the same.
        CamStatistics half = new(methods), other = new(methods);
        for (int i = 0; i < 4; i++)
        {
            using var scope = NewDisposeScope();
            Tensor map = tensor(maps[i], [1, 2, 2]);
            (i < 2 ? half : other).Add([maps[i], maps[i]], [.. methods.Select(method => method.Drawn(map).data<float>().ToArray())], right[i]);
        }
        half.Add(other.Sums);
        Assert.Equal(statistics.Sums, half.Sums);
        Assert.Equal((4, 0.5), (report.Images, report.Top1));
        Assert.Equal(new CamSummary("gradcam", methods[0].Formula, 0.5, 0.5, 0.25, 1, 0.5, 0.5, 0.125), report.Methods[0]);
        Assert.Equal(new CamSummary("gradcam-signed", methods[1].Formula, 0.25, 0.5, 0.25, 1, 0, 0.5, 0.125), report.Methods[1]);
    }

    [Fact]
    public void Pictures_are_written_for_each_method_and_all_in_one()
    {
        using var source = new NoisePictures(3);
        using var model = new ImageModel(Make().Graph, Small, source.Classes);
        model.Initialise(3);
        var methods = Names.Select(ClassActivationMaps.Get).ToArray();
        var examples = CamPictures.Write(
            model, "block3", [("a", source.Read(0), 0), ("b", source.Read(1), null)], methods, CamClass.True, _folder);
        Assert.Equal(["a", null], examples.Select(example => example.ClassName));
        Assert.Equal(("a", examples[1].Predicted), (examples[0].MapClass, examples[1].MapClass));
        foreach (CamExample example in examples)
        {
            Assert.Equal(Names, example.Overlays.Keys);
            Assert.All(example.Overlays.Values.Append(example.Input), one => Assert.Equal((32, 32), Size(one.File)));
        }
        // A line of 11 pixels for the methods, one above each row; gradcam-signed has fourteen letters of six pixels less a gap.
        Assert.Equal((4 * 83 + 3 * 4, 11 + 2 * (11 + 32) + 4), Size(CamPictures.SheetName));
        // A cell of the sheet is the overlay itself.
        RgbImage sheet = Read(CamPictures.SheetName), one = Read(examples[1].Overlays["layercam"].File);
        for (int y = 0; y < 32; y++)
            Assert.Equal(
                one.Pixels[(y * 32 * 3)..((y + 1) * 32 * 3)],
                    sheet.Pixels.AsSpan(((11 + 47 + 11 + y) * sheet.Width + 3 * 87) * 3, 32 * 3).ToArray());
        // Labels are ink on white, each over its own column.
        foreach ((int top, int column) in ((int, int)[])[(0, 0), (0, 1), (0, 2), (0, 3), (11, 0), (58, 0)])
            Assert.Contains(Line(top, column * 87), value => value == 0);
        Assert.DoesNotContain(Line(11, 0), value => value is not (0 or byte.MaxValue));

        IEnumerable<byte> Line(int top, int left) =>
            Enumerable.Range(top, 11).SelectMany(y => sheet.Pixels.AsSpan((y * sheet.Width + left) * 3, 32 * 3).ToArray());
    }

    [Fact]
    public void A_signed_overlay_is_red_for_and_blue_against()
    {
        var grey = new RgbImage(4, 1, [.. Enumerable.Repeat((byte)128, 12)]);
        byte[] pixels = SignedOverlay.Draw(grey, [1, 0, float.NaN, -2], 1, 4).Pixels;
        Assert.True(pixels[0] > 140 && pixels[2] < 120, "half the strongest, for");
        Assert.Equal([128, 128, 128, 128, 128, 128], pixels[3..9]);
        Assert.True(pixels[9] < 80 && pixels[11] > 170, "the strongest, against");
        Assert.All(SignedOverlay.Draw(grey, [0, 0, 0, 0], 1, 4).Pixels, value => Assert.Equal(128, value));
    }

    private static CamReport Measure(ImageModel network, NoisePictures source, CamClass of, int batchSize) =>
        CamSurvey.Measure(network.With(Small), "block3", source, new CamOptions { Methods = Names, Class = of, BatchSize = batchSize });

    private (int Width, int Height) Size(string file) => (Read(file).Width, Read(file).Height);

    private RgbImage Read(string file) => ImageCodec.Decode(File.ReadAllBytes(Path.Combine(_folder, file)), file);

    private static ImageModel Make()
    {
        ImageModel network = ImageModel.Create("small_cnn", 5, GradientFlow.Modified);
        network.Initialise(3);
        network.Eval();
        return network;
    }
}
