using System.CommandLine;
using System.Globalization;
using Fovea.Checkpoints;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Models.Onnx;
using Fovea.Runs;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea model export</c>: a network as an ONNX file.</summary>
internal sealed class ModelExportCommand : FoveaCommand
{
    private readonly Argument<string?> _source = new("NETWORK")
    {
        Description = "A run folder, whose network is written as its training left it, or the file of a network.",
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => null,
    };

    private readonly Option<string> _out =
        new("--out") { Description = "The ONNX file to write.", HelpName = "FILE.onnx", Required = true };

    private readonly Option<bool> _force = new("--force") { Description = "Replace the file if it exists." };

    private readonly Option<string?> _architecture = new("--arch")
    {
        Description = $"In the place of NETWORK, with --weights: {string.Join(", ", SettingChoices.Architectures)}.",
        HelpName = "A",
    };

    private readonly Option<string?> _weights =
        new("--weights") { Description = "A .pth or .safetensors file, with --arch.", HelpName = "W" };

    private readonly Option<int?> _inputSize = SharedOptions.Positive(
        new Option<int?>("--input-size")
        {
            Description = "Side of the images in pixels (the architecture's, or the file's).",
            HelpName = "S"
        }, 8);

    private readonly Option<string?> _output =
        new("--output") { Description = "Which output of a file is the answer (found by shape).", HelpName = "NAME" };

    private readonly Option<bool> _averagePooling = new("--average-pooling")
    {
        Description = "Max-pooling becomes average pooling (the paper's modification).",
    };

    private readonly Option<double> _leakySlope = SharedOptions.Slope(new Option<double>("--leaky-slope")
    {
        Description = "ReLU and ReLU6 become LeakyReLU with this slope; 0: as they are.",
        HelpName = "X",
    });

    public ModelExportCommand(AppEnvironment app)
        : base(app, "export",
            "A network as ONNX (opset 17), any number of images at a time: values have the layers' names, and its classes and what images "
                + "go through first stand in the file where they are known.")
    {
        Add(_source);
        foreach (Option option in (Option[])[_out, _force, _architecture, _weights, SharedOptions.WeightsKey, _inputSize, _output])
            Add(option);
        Add(_averagePooling);
        Add(_leakySlope);
        Add(SharedOptions.Threads);
        Examples =
        [
            "fovea model export runs/demo --out demo.onnx",
            "fovea model export network.pt2 --out network.onnx",
            "fovea model export --arch mobilenet_v2 --weights mobilenet_v2-imagenet.pth --out mobilenet_v2.onnx",
        ];
    }

    protected override int Execute(CommandContext context)
    {
        string path = context.Get(_out)!;
        OnnxExport.RequireFree(path, context.Get(_force));
        List<string> notes = [];
        var (model, options) = Open(context, notes);
        using (model)
        {
            OnnxExportSummary written = OnnxExport.Write(
                model, path, options with { Overwrite = context.Get(_force) }, context.Cancellation);
            foreach (string note in notes) context.Note(note);
            context.Result(
                new ModelExportResult(path, model.Architecture, written.Bytes, OnnxExport.Opset, written.Nodes, written.Tensors,
                    written.Input, written.Output, written.Batch, written.Height, written.Width, notes),
                text =>
                {
                    string images = written.Batch?.ToString(CultureInfo.InvariantCulture) ?? "N";
                    text.WriteLine(
                        $"{path}  {Humane.Bytes(written.Bytes)}: {written.Nodes} nodes of opset {OnnxExport.Opset}, {written.Input} "
                            + $"[{images}, 3, {written.Height}, {written.Width}] -> {written.Output} [{string.Join(", ", [images, .. written.AnswerShape])}]");
                });
        }
        return ExitCode.Done;
    }

    private (ImageModel Model, OnnxExportOptions Options) Open(CommandContext context, List<string> notes)
    {
        string? source = context.Get(_source), weights = context.Get(_weights), architecture = context.Get(_architecture);
        if (source is null ? architecture is null || weights is null : architecture is not null || weights is not null)
            throw FoveaException.BadConfiguration("Say which network: a run folder or a file, or --arch and --weights.");
        if (source is null) return OfWeights(context, architecture!, weights!, notes);
        Refuse(context, SharedOptions.WeightsKey, "it is for --weights");
        if (!Directory.Exists(source)) return OfFile(context, source, notes);
        foreach (Option option in (Option[])[_inputSize, _output, _averagePooling, _leakySlope])
            Refuse(context, option, "a run's network is written as it is");
        string folder = new RunFolder(source).Model;
        return (ModelFile.Load(File.Exists(Path.Combine(source, ModelFile.DescriptionName)) ? source : folder), new OnnxExportOptions());
    }

    private (ImageModel Model, OnnxExportOptions Options) OfFile(CommandContext context, string file, List<string> notes)
    {
        using ImportedNetwork imported = NetworkFile.Open(
            file, context.Get(_output), images: context.Get(_inputSize) is { } asked ? (asked, asked) : null);
        notes.AddRange(imported.Notes);
        (int Height, int Width) size = context.Get(_inputSize) is { } side ? (side, side) : imported.ImageSize
            ?? throw FoveaException.BadConfiguration($"{file} leaves the size of images open: give --input-size.");
        ImageModel model = imported.ToModel(imported.UsualPreprocessing(size.Height, size.Width), flow: Flow(context));
        try
        {
            imported.RequireSize(model, size.Height, size.Width);
            return (model, new OnnxExportOptions { ImageSize = size, Preprocessing = false });
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private (ImageModel Model, OnnxExportOptions Options) OfWeights(
        CommandContext context, string name, string path, List<string> notes)
    {
        Refuse(context, _output, "a network of the catalogue has one");
        Architecture architecture = Architectures.All.FirstOrDefault(known => known.Name == name)
            ?? throw FoveaException.BadConfiguration(
                $"--arch: there is no architecture '{name}'.{Suggestions.Sentence(name, [.. SettingChoices.Architectures])}");
        using StateDict weights = StateDict.Load(path, context.Get(SharedOptions.WeightsKey));
        int? side = context.Get(_inputSize);
        Preprocessing preprocessing = side is null ? architecture.DefaultPreprocessing : Preprocessing.ImageNet(null, side);
        ImageModel model = architecture.Create(Classes(architecture, weights, path), Flow(context), preprocessing);
        try
        {
            notes.AddRange(model.CopyFrom(weights, path));
            return (model, new OnnxExportOptions { Preprocessing = side is null });
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The number of classes that the weights of an architecture's last layer are for.</summary>
    private static int Classes(Architecture architecture, StateDict weights, string path)
    {
        NetworkGraph graph = architecture.Build(2);
        string head = graph.Nodes.Single(node => node.Outputs.Contains(graph.Output)).Inputs[1];
        string? name = weights.Keys.FirstOrDefault(key => key == head || key.EndsWith("." + head, StringComparison.Ordinal));
        return name is not null && weights[name].shape is [> 0 and <= int.MaxValue and var classes, _]
            ? (int)classes : throw FoveaException.BadData($"{path} has no {head}: it holds no weights of {architecture.Name}.");
    }

    private GradientFlow Flow(CommandContext context) => new(context.Get(_averagePooling), context.Get(_leakySlope));

    private static void Refuse(CommandContext context, Option option, string why)
    {
        if (context.Has(option)) throw FoveaException.BadConfiguration($"{option.Name} has no meaning here: {why}.");
    }
}
