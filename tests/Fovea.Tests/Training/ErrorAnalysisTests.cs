using Fovea.Imaging;
using Fovea.Training;
using Xunit;

namespace Fovea.Tests.Training;

public sealed class ErrorAnalysisTests
{
    // Four classes; class 0 is always right, class 1 twice taken for 2, class 2 once for 1, class 3 always for 0.
    private static readonly (int Label, int Predicted, double Loss)[] Said =
    [
        (0, 0, 0.1), (1, 2, 2.0), (2, 2, 0.2), (3, 0, 4.0),
        (0, 0, 0.3), (1, 2, 1.0), (2, 1, 1.5), (3, 0, 3.0),
        (0, 0, 0.2), (1, 1, 0.5), (2, 2, 0.1), (3, 0, 5.0),
    ];

    private static EvaluationResult Result() => new(Said.Length, 0, 0, 0, 0,
        [.. Said.Select((s, i) => new ImagePrediction(i, s.Label, s.Predicted, s.Label == s.Predicted ? 0 : 1, s.Loss, Math.Exp(-s.Loss)))],
            []);

    [Fact]
    public void Classes_and_pairs_come_in_order_with_their_examples()
    {
        using var source = new MemorySource(12, classes: 4);
        var report = ErrorAnalysis.Analyse(
            Result(), source, Preprocessing.ImageNet(null, 48),
                new ErrorAnalysisOptions { Classes = 2, Pairs = 3, Examples = 2, FewestImages = 3 });
        Assert.Equal(["class 0", "class 2"], report.Least.Select(c => c.ClassName));
        Assert.Equal([1.0, 2.0 / 3], report.Least.Select(c => c.Accuracy));
        Assert.Equal([0, 8], report.Least[0].Examples.Select(e => e.Index)); // the surest hits
        Assert.Equal(["class 3", "class 1"], report.Most.Select(c => c.ClassName));
        Assert.Equal([11, 3], report.Most[0].Examples.Select(e => e.Index)); // the worst misses
        Assert.Equal(4.0, report.Most[0].Loss, 1e-12);
        Assert.Equal([("class 3", "class 0", 3), ("class 1", "class 2", 2), ("class 2", "class 1", 1)],
            report.Confused.Select(c => (c.TrueName, c.PredictedName, c.Count)));
        Assert.Equal(2.0 / 3, report.Confused[1].Share, 1e-12);
    }

    [Fact]
    public void Classes_of_fewer_than_five_images_stand_last_and_are_in_no_confusion()
    {
        // Class 0 has 4 images, all right; class 1 has 5, all wrong; class 2 has 1, wrong.
        using var source = new MemorySource(10, classes: 3);
        int[] labels = [0, 0, 0, 0, 1, 1, 1, 1, 1, 2];
        var result = new EvaluationResult(10, 0, 0, 0, 0,
            [.. labels.Select((label, i) => new ImagePrediction(i, label, 0, label == 0 ? 0 : 1, 1, 0.5))], []);
        var report = ErrorAnalysis.Analyse(result, source, Preprocessing.ImageNet(null, 48));
        Assert.Equal([(1, 5), (0, 4), (2, 1)], report.Least.Select(one => (one.Class, one.Images)));
        Assert.Equal([(1, 5), (2, 1), (0, 4)], report.Most.Select(one => (one.Class, one.Images)));
        Assert.Equal(5, Assert.Single(report.Confused).Count);
        Assert.Equal((5, 2), (report.FewestImages, report.SmallClasses));
    }

    [Fact]
    public void The_report_and_its_pictures_are_written()
    {
        string folder = Directory.CreateTempSubdirectory("fovea-errors").FullName;
        try
        {
            using var source = new MemorySource(12, classes: 4);
            var report = ErrorAnalysis.Analyse(
                Result(), source, Preprocessing.ImageNet(null, 48), new ErrorAnalysisOptions { FewestImages = 3 });
            ErrorAnalysis.Write(folder, report, source, Preprocessing.ImageNet(null, 48));
            var read = DocumentFile.Read<ErrorReport>(Path.Combine(folder, ErrorAnalysis.ReportName));
            Assert.Equal(report.Confused[0].Examples, read.Confused[0].Examples);
            // Each example is its image as the network saw it, in one sheet, an image once.
            Assert.Equal(["errors.json", "examples-0.png"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
            var sheets = new SheetReader(file => File.OpenRead(Path.Combine(folder, file)), folder);
            ErrorExample[] all =
                [.. read.Least.Concat(read.Most).SelectMany(c => c.Examples), .. read.Confused.SelectMany(pair => pair.Examples)];
            Assert.All(all,
                example => Assert.Equal(
                    Preprocessing.ImageNet(null, 48).ApplyToPixels(source.Read(example.Index)).Pixels, sheets.Cut(example.Picture).Pixels));
            Assert.Equal(
                all.Select(example => example.Index).Distinct().Count(), all.Select(example => example.Picture).Distinct().Count());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
