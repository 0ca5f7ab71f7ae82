using Fovea.Datasets;
using Fovea.Imaging;

namespace Fovea.Training;

/// <summary>
/// Which classes a network gets right and wrong, and which it mixes up (section 6.4, figure 6, after Wu et al. 2017). Every order is total:
/// classes of equal accuracy go by their loss, then by their index; pairs of equal count by their share, then by their indices. Classes of
/// fewer than <see cref="ErrorAnalysisOptions.FewestImages"/> images, whose accuracy says little, stand after the others with their number
/// of images, and no confusion is told of them.
/// </summary>
public static class ErrorAnalysis
{
    /// <summary>What the names of the example pictures' sheets begin with.</summary>
    public const string ExamplesName = "examples";

    /// <summary>The report's file name.</summary>
    public const string ReportName = ErrorReport.FileName;

    /// <summary>Analyses an evaluation of <paramref name="source"/>.</summary>
    public static ErrorReport Analyse(
        EvaluationResult result, IImageSource source, Preprocessing preprocessing, ErrorAnalysisOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        var (height, width) = preprocessing.OutputSize;
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(source);
        options ??= new ErrorAnalysisOptions();
        var classes = result.Predictions.GroupBy(p => p.Label).Select(g => (
            Label: g.Key,
            Images: g.ToArray(),
            Accuracy: (double)g.Count(p => p.Rank == 0) / g.Count(),
            Loss: g.Sum(p => p.Loss) / g.Count(),
            IsSmall: g.Count() < options.FewestImages)).ToArray();
        var imagesOf = classes.Where(c => !c.IsSmall).ToDictionary(c => c.Label, c => c.Images.Length);

        var least = classes.OrderBy(c => c.IsSmall).ThenByDescending(c => c.Accuracy).ThenBy(c => c.Loss).ThenBy(c => c.Label)
            .Take(options.Classes)
            .Select(c => Errors(c.Label, c.Images, c.Accuracy, c.Loss, c.Images.OrderBy(p => p.Loss).ThenBy(p => p.Index)));
        var most = classes.OrderBy(c => c.IsSmall).ThenBy(c => c.Accuracy).ThenByDescending(c => c.Loss).ThenBy(c => c.Label)
            .Take(options.Classes)
            .Select(c => Errors(c.Label, c.Images, c.Accuracy, c.Loss, c.Images.OrderByDescending(p => p.Loss).ThenBy(p => p.Index)));
        var confused = result.Predictions.Where(p => p.Predicted != p.Label && imagesOf.ContainsKey(p.Label))
            .GroupBy(p => (p.Label, p.Predicted))
            .Select(g => (g.Key.Label, g.Key.Predicted, Images: g.ToArray(), Share: (double)g.Count() / imagesOf[g.Key.Label]))
            .OrderByDescending(c => c.Images.Length).ThenByDescending(c => c.Share).ThenBy(c => c.Label).ThenBy(c => c.Predicted)
                .Take(options.Pairs)
            .Select(c => new Confusion(source.Classes[c.Label].Name, source.Classes[c.Predicted].Name, c.Images.Length, c.Share,
                Examples(c.Images.OrderByDescending(p => p.Confidence).ThenBy(p => p.Index))));
        return Placed(new ErrorReport(result.Images, [.. least], [.. most], [.. confused])
        {
            FewestImages = options.FewestImages,
            SmallClasses = classes.Count(c => c.IsSmall),
        }, width, height);

        ClassErrors Errors(int label, ImagePrediction[] images, double accuracy, double loss, IEnumerable<ImagePrediction> ranked) =>
            new(label, source.Classes[label].Id, source.Classes[label].Name, images.Length, accuracy, loss, Examples(ranked));

        IReadOnlyList<ErrorExample> Examples(IEnumerable<ImagePrediction> ranked) =>
            [.. ranked.Take(options.Examples).Select(p => new ErrorExample(
                p.Index, source.Id(p.Index), source.Classes[p.Label].Name, source.Classes[p.Predicted].Name, p.Confidence,
                    new StoredPicture(ExamplesName, 0, 0, width, height)))];
    }

    /// <summary>Writes the example pictures as the network saw them (resized and cropped), then <c>errors.json</c>.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="report">The analysis.</param>
    /// <param name="source">The source that was analysed.</param>
    /// <param name="preprocessing">The network's preprocessing.</param>
    public static void Write(string folder, ErrorReport report, IImageSource source, Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(preprocessing);
        int[] images = Images(report);
        var (height, width) = preprocessing.OutputSize;
        SheetFiles.Write(folder, Layout(images.Length, width, height), i => preprocessing.ApplyToPixels(source.Read(images[i])));
        DocumentFile.Write(Path.Combine(folder, ReportName), report);
    }

    /// <summary>The report with each image's place in the sheets: an image that stands for several things is stored once.</summary>
    private static ErrorReport Placed(ErrorReport report, int width, int height)
    {
        int[] images = Images(report);
        var places = images.Zip(Layout(images.Length, width, height).Pictures).ToDictionary(pair => pair.First, pair => pair.Second);
        return report with
        {
            Least = [.. report.Least.Select(Class)],
            Most = [.. report.Most.Select(Class)],
            Confused = [.. report.Confused.Select(pair => pair with { Examples = Examples(pair.Examples) })],
        };

        ClassErrors Class(ClassErrors one) => one with { Examples = Examples(one.Examples) };
        IReadOnlyList<ErrorExample> Examples(IReadOnlyList<ErrorExample> examples) =>
            [.. examples.Select(one => one with { Picture = places[one.Index] })];
    }

    private static SheetLayout Layout(int images, int width, int height) => new(ExamplesName, Enumerable.Repeat((width, height), images));

    /// <summary>The images of the report, each once, in the order in which it names them first.</summary>
    private static int[] Images(ErrorReport report) =>
        [.. report.Least.Concat(report.Most).SelectMany(one => one.Examples).Concat(report.Confused.SelectMany(pair => pair.Examples))
            .Select(one => one.Index).Distinct()];
}
