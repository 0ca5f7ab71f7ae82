using System.CommandLine;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Runs.Preparation;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea model inspect</c>: what a network's file holds and how it will be run. Nothing in the file is executed.</summary>
internal sealed class ModelInspectCommand : FoveaCommand
{
    private readonly Argument<string> _file =
        new("FILE") { Description = "A network that torch.export.save wrote (.pt2), or one as ONNX (.onnx)." };

    private readonly Option<string?> _output =
        new("--output") { Description = "Which of its outputs is the answer (found by shape).", HelpName = "NAME" };

    private readonly Option<int?> _inputSize = SharedOptions.Positive(
        new Option<int?>("--input-size")
        {
            Description = "Side of the images in pixels, where the file leaves it open (the file's).",
            HelpName = "S"
        }, 8);

    private readonly Option<string?> _tokens =
        new("--tokens") { Description = "How its tokens are a grid, rows x columns: 14x14 (found from its operations).", HelpName = "HxW" };

    private readonly Option<int?> _prefix = SharedOptions.Positive(
        new Option<int?>("--prefix") { Description = "Tokens before those of --tokens (all that there are more).", HelpName = "N" }, 0);

    public ModelInspectCommand(AppEnvironment app)
        : base(app, "inspect",
            "The layers of a network's file with shapes, which one to harvest, what is folded or fixed in it, and whether a batch gives "
                + "what single images give.")
    {
        Add(_file);
        Add(_output);
        Add(SharedOptions.Preprocess);
        Add(_inputSize);
        Add(_tokens);
        Add(_prefix);
        Add(SharedOptions.Threads);
        Examples = ["fovea model inspect network.pt2", "fovea model inspect network.onnx --json"];
    }

    protected override int Execute(CommandContext context)
    {
        string path = context.Get(_file);
        int side = context.Get(_inputSize) ?? ImagePreparation.UsualCrop;
        using ImportedNetwork network = NetworkFile.Open(
            path, context.Get(_output), before: context.Get(SharedOptions.Preprocess), images: (side, side));
        (int height, int width) = context.Get(_inputSize) is null ? network.ImageSize ?? (side, side) : (side, side);
        bool said = network.ImageSize is not null && !network.SizeOfImages;
        using ImageModel model = network.ToModel(
            network.UsualPreprocessing(height, width),
            tokens: context.Get(_tokens) is { } tokens ? TokenGrid.Parse(tokens, context.Get(_prefix)) : null);
        network.RequireSize(model, height, width);
        IReadOnlyList<ModelLayer> layers = model.Shapes(height, width);
        LayerChoice choice = LayerChoice.Of(model, layers);
        HeadChoice head = HeadChoice.Of(model);
        string[] notes = [.. network.Notes, .. model.TokensNote is { } otherwise ? [otherwise] : Array.Empty<string>()];
        double difference = BatchCheck.Difference(model, height, width);
        using ModelReader reader = model.Reader(new Probe(choice.Layer is { } chosen ? [chosen.Name] : (string[])[]) { Output = true });
        string running = model.Graph.FixedBatch is { } batch ? $"{batch} images at a time" : "any number of images at a time";
        context.Result(
            new ModelInspectResult
            {
                File = path,
                Source = network.Source,
                Input = new NetworkInput(height, width, said, network.ChannelsLast, network.WholeNumbers),
                ExportedBatch = network.ExportedBatch,
                FixedBatch = model.Graph.FixedBatch,
                Answer = network.Answer,
                Outputs = [.. network.Outputs.Select(one => new OutputSummary(one.Name, one.Shape))],
                Parameters = model.Parameters.Values.Sum(parameter => parameter.numel()),
                Folded = network.Folded,
                NormalisationFolded = network.NormalisationFolded,
                BatchDifference = double.IsFinite(difference) ? difference : null,
                BatchAgrees = difference < BatchCheck.Rounding,
                Engine = reader.Engine.InWords,
                Harvest = new HarvestChoice(choice.Layer?.Name, choice.Why),
                Head = head,
                Layers = layers,
                Notes = notes,
            },
            text =>
            {
                (string Name, ModelLayer Layer)[] rows = [.. layers.Select(layer => (Printable.Name(layer.Name), layer))];
                int names = rows.Select(row => row.Name.Length).Append(5).Max(), kinds = layers.Select(layer => layer.Kind.Length).Append(4).Max();
                text.WriteLine($"{"layer".PadRight(names)}  {"kind".PadRight(kinds)}  shape of one image's value");
                foreach (var (name, layer) in rows)
                {
                    string grid = layer.Grid is null ? "" : $"  {layer.Grid.InWords}";
                    if (layer.Type is { } type) grid += $"  {type}";
                    if (layer.Together is { } together) grid += $"  of {together} images together";
                    string mark = layer.Name == choice.Layer?.Name ? "  <- harvest" : "";
                    text.WriteLine($"{name.PadRight(names)}  {layer.Kind.PadRight(kinds)}  [{string.Join(", ", layer.Shape)}]{grid}{mark}");
                }
                text.WriteLine(Printable.Name($"written by   {network.Source}"));
                string taken = network.ChannelsLast ? $"{height} × {width} × 3" : $"3 × {height} × {width}";
                string numbers = network.WholeNumbers ? " whole numbers from 0 to 255" : "";
                text.WriteLine($"images       {taken}{numbers}{(said ? "" : " (not in the file)")}, {running}");
                text.WriteLine($"answer       {Printable.Name(network.Answer)}, {model.Outputs} numbers");
                text.WriteLine($"parameters   {Humane.Count(model.Parameters.Values.Sum(parameter => parameter.numel()))}");
                text.WriteLine(Printable.Name($"to harvest   {choice.Layer?.Name ?? "nothing"}: {choice.Why}"));
                text.WriteLine(Printable.Name($"last layer   {(head.Layer is null ? "" : $"{head.Layer}: ")}{head.Why}"));
                text.WriteLine($"folded       {network.Folded} operations that depend on no image were calculated while reading");
                text.WriteLine($"batch check  {Checked(difference, model.Graph.FixedBatch)}");
                text.WriteLine($"read by      {reader.Engine.InWords}");
                text.WriteLine(network.WholeNumbers
                    ? "preprocessing of the numbers is in the file: a recipe has to say the size alone ([data] resize, crop)"
                    : "preprocessing is not in such files: a recipe has to say it ([data] resize, crop, mean, std)");
                foreach (string note in notes) text.WriteLine(Printable.Name($"note         {note}"));
            });
        return ExitCode.Done;
    }

    private static string Checked(double difference, int? together)
    {
        if (double.IsNaN(difference))
            return "images of noise are answered with NaN or infinite numbers, alone and together: a weight is far too large, or it divides "
                + "by 0. Nothing can be learned from it";
        string by = BatchTrust.InWords(difference);
        return difference < BatchCheck.Rounding ? by
            : $"{by}: do not trust batches of it; "
                + (together is null ? "a run takes its images one at a time" : "a run refuses it, since its images mix");
    }
}
