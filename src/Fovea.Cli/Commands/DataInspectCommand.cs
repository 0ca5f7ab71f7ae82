using System.CommandLine;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Datasets;
using Fovea.Runs;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea data inspect</c>: what images are taken for, before anything is computed from them.</summary>
internal sealed class DataInspectCommand : FoveaCommand
{
    private const int ShownClasses = 20, ShownDamaged = 5;

    private readonly Argument<string> _path = new("PATH") { Description = "A folder, .tar or .parquet of images, one image, or shapesworld:train:6000." };
    private readonly Option<string?> _classes =
        new("--classes") { Description = "The network's classes in their order: a TSV (index, id, name), JSON, or LOC_synset_mapping.txt.", HelpName = "FILE" };
    private readonly Option<string> _layout = SharedOptions.Choice(
        new Option<string>("--layout")
        {
            Description = "How the images lie in the folder or tar.",
            HelpName = string.Join('|', SettingChoices.Layouts),
            DefaultValueFactory = _ => "auto",
        },
        [.. SettingChoices.Layouts]);
    private readonly Option<int?> _images = SharedOptions.Positive(
        new Option<int?>("--images")
        {
            Description = "At most this many images are looked into, evenly spaced; 0: all (1000).",
            HelpName = "N"
        }, 0);
    private readonly Option<bool> _decode =
        new("--decode") { Description = "Decode them whole: finds files that are cut short, not only bad headers." };

    public DataInspectCommand(AppEnvironment app)
        : base(app, "inspect", "Layout, splits, classes, what is not read, links, and what might surprise.")
    {
        Add(_path);
        foreach (Option option in (Option[])[_classes, SharedOptions.Labels, _layout, _images, _decode]) Add(option);
        Examples = ["fovea data inspect tiny-imagenet-200.tar", "fovea data inspect ILSVRC2012_img_val.tar --labels ILSVRC2012_devkit_t12.tar.gz",
            "fovea data inspect photos --images 0 --decode --json"];
    }

    protected override int Execute(CommandContext context)
    {
        string path = context.Get(_path);
        DataDescription data = ImageSources.Describe(path, new ImageSourceOptions
        {
            Classes = context.Get(_classes),
            Labels = context.Get(SharedOptions.Labels),
            Layout = context.Get(_layout) is "auto" ? null : context.Get(_layout),
        });
        DataInspection? inspection = null;
        if (data.Kind != "generated")
        {
            using ProgressDisplay progress = context.Progress();
            inspection = DataInspection.Of(path, context.Get(_images) ?? 1000, context.Get(_decode),
                progress.Of<(int Done, int Total)>(value => new WorkflowProgress("inspect", value.Done, value.Total, "images")),
                    context.Cancellation);
        }
        context.Result(
            new DataInspectResult(
                data.Source, data.Kind, data.Layout, data.Root, data.Images, data.Bytes, data.Splits, data.Classes, data.Skipped,
                new LinkSummary(
                    data.FollowedLinks, [.. data.BrokenLinks.Select(link => new BrokenLinkSummary(link.Name, link.Target, link.Why))]),
                        data.Notes, data.Problem, inspection),
            text => Print(text, data, inspection));
        if (data.Problem is null) return ExitCode.Done;
        if (!context.Json) context.Console.Error.WriteLine($"error: {data.Problem}");
        return (int)FailureKind.Data;
    }

    private static void Print(TextWriter text, DataDescription data, DataInspection? inspection)
    {
        foreach (string line in data.Lines()) text.WriteLine(line);
        foreach (SplitDescription split in data.Splits)
        {
            string name = split.Name.Length > 0 ? split.Name : "all";
            string folders = split.Folders.Count > 0
                ? $" in {string.Join(", ", split.Folders.Select(folder => folder.Length > 0 ? folder : "./"))}" : "";
            text.WriteLine(
                $"split   {name}: {Humane.Count(split.Images)} images{folders}"
                + (split.Fault is null && split.Images > split.Labelled
                    ? $", {Humane.Count(split.Images - split.Labelled)} of them without labels" : "")
                + $"{(split.Fault is null ? "" : $"; left out: {split.Fault}")}");
        }
        int width = data.Classes.Take(ShownClasses).Select(info => info.Id.Length).DefaultIfEmpty(0).Max();
        for (int i = 0; i < Math.Min(ShownClasses, data.Classes.Count); i++)
        {
            ClassDescription info = data.Classes[i];
            string name = info.Name == info.Id ? "" : $"  {info.Name}";
            text.WriteLine(
                $"class   {i,4}  {info.Id.PadRight(width)}  {string.Join("  ", info.Images.Select(count => $"{Humane.Count(count),8}"))}{name}");
        }
        if (data.Classes.Count > ShownClasses) text.WriteLine($"        … {data.Classes.Count - ShownClasses} more (--json lists all)");
        if (inspection is not null)
        {
            string sizes = inspection.Smallest is [var sw, var sh] && inspection.Largest is [var lw, var lh]
                ? $", {sw}×{sh} to {lw}×{lh} pixels" : "";
            text.WriteLine(
                $"images  {Humane.Bytes(data.Bytes)}; {Humane.Count(inspection.Checked)} {(inspection.Decoded ? "decoded" : "headers read")}: "
                + $"{string.Join(", ", inspection.Formats.Select(pair => $"{Humane.Count(pair.Value)} {pair.Key}"))}{sizes}; {inspection.Damaged.Count} damaged");
            foreach (DamagedImage image in inspection.Damaged.Take(ShownDamaged)) text.WriteLine($"damaged {image.Id}: {image.Why}");
        }
        foreach (string note in data.Notes) text.WriteLine($"note    {note}");
    }
}
