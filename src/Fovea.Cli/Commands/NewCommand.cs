using System.CommandLine;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.IO;
using Fovea.Runs;
using Fovea.Training;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea new</c>: a commented recipe for a network's file and images, with everything in it that can be found out.</summary>
internal sealed class NewCommand : FoveaCommand
{
    private readonly Argument<string> _network =
        new("NETWORK") { Description = "A network that torch.export.save wrote (.pt2), or one as ONNX (.onnx)." };
    private readonly Argument<string> _images = new("IMAGES") { Description = "A folder, .tar or .parquet of images." };
    private readonly Option<string?> _classes =
        new("--classes") { Description = "The network's classes in their order: a TSV (index, id, name), JSON, or LOC_synset_mapping.txt (the images' own).", HelpName = "FILE" };
    private readonly Option<string?> _layer = new("--layer") { Description = "The layer to study (the last with positions).", HelpName = "L" };
    private readonly Option<string> _out = new("--out", "-o")
    {
        Description = "The recipe to write.",
        HelpName = "FILE",
        DefaultValueFactory = _ => "recipe.toml",
    };
    private readonly Option<bool> _force = new("--force") { Description = "Write over a file that is there." };

    public NewCommand(AppEnvironment app)
        : base(app, "new", "A commented recipe for a network and images: layer and sizes are found out, classes and preprocessing too where the images have the classes of the network.")
    {
        Add(_network);
        Add(_images);
        foreach (Option option in (Option[])[_classes, _layer, _out, _force]) Add(option);
        Add(SharedOptions.Threads);
        Examples = ["fovea new network.pt2 photographs.tar --classes imagenet_classes.tsv", "fovea new network.onnx photos --out photos.toml"];
    }

    protected override string AfterInterruption(CommandContext context) => "Nothing was written.";

    protected override int Execute(CommandContext context)
    {
        string file = context.Get(_out)!, path = Path.GetFullPath(file);
        if (File.Exists(path) && !context.Get(_force))
            throw FoveaException.BadConfiguration($"{file} is there already. Give another --out, or --force to write over it.");
        if (Directory.Exists(path)) throw FoveaException.BadConfiguration($"{file} is a folder: --out is the recipe's file.");
        NewRecipe recipe;
        using (ProgressDisplay progress = context.Progress())
        {
            var draft = new RecipeDraft(
                context.Get(_network)!, context.Get(_images)!, context.Get(_classes), context.Get(_layer), Path.GetDirectoryName(path)!);
            recipe = draft.Find(
                progress.Of<EvaluationProgress>(done => new WorkflowProgress("preprocessing by trial", done.Images, done.Total, "images")),
                context.Cancellation);
        }
        string text = recipe.Text(file);
        // What this program would refuse is not written.
        _ = Recipe.From(text, file, Path.GetDirectoryName(path)!, resolved: false, []);
        AtomicFile.WriteText(path, text);
        string[] missing = [.. recipe.Data.Where(line => line.Value is null).Select(line => line.Key)];
        context.Result(new NewResult(path, recipe.Layer.Name, missing), written =>
        {
            written.Write(text);
            written.WriteLine();
            written.WriteLine($"recipe        {path}");
            if (missing.Length > 0)
                written.WriteLine($"to be said    {string.Join(", ", missing)}: they could not be found out, and wrong numbers show in no error");
            written.WriteLine(missing.Length > 0 ? $"next          set them in {file}, then fovea run {file} --dry-run" : $"next          fovea run {file} --dry-run");
        });
        return ExitCode.Done;
    }
}
