using System.CommandLine;
using Fovea.Checkpoints;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.IO;
using Fovea.Models;
using Fovea.Runs;
using static TorchSharp.torch;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea model run</c>: a network's outputs and inner values for a NumPy input, as NumPy files.</summary>
internal sealed class ModelRunCommand : FoveaCommand
{
    private readonly Argument<string> _network =
        new("NETWORK") { Description = "A network that torch.export.save wrote (.pt2), or one as ONNX (.onnx)." };

    private readonly Option<string> _input =
        new("--input")
        {
            Description = "Images as the network takes them: a .npy of [N, 3, height, width], or of [N, height, width, 3] where it "
                + "takes those.",
            HelpName = "X.npy",
            Required = true
        };

    private readonly Option<string[]> _read =
        new("--read")
        {
            Description = "A layer whose value is written too; may be repeated.",
            HelpName = "LAYER",
            DefaultValueFactory = _ => []
        };

    private readonly Option<string> _out =
        new("--out") { Description = "The folder for output.npy and LAYER.npy.", HelpName = "DIR", Required = true };

    private readonly Option<int> _batchSize =
        new("--batch-size") { Description = "Images a forward pass.", HelpName = "N", DefaultValueFactory = _ => 32 };

    public ModelRunCommand(AppEnvironment app)
        : base(app, "run", "Outputs and inner values of a network for a NumPy input, as NumPy files: to compare with PyTorch.")
    {
        Add(_network);
        Add(SharedOptions.Preprocess);
        foreach (Option option in (Option[])[_input, _read, _out, _batchSize]) Add(option);
        Add(SharedOptions.Threads);
        Add(SharedOptions.Device);
        _batchSize.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError("--batch-size must be at least 1.");
        });
        Examples = ["fovea model run network.pt2 --input images.npy --read layer4.1 --out values"];
    }

    protected override string AfterInterruption(CommandContext context) => "There is no result; nothing was written.";

    protected override int Execute(CommandContext context)
    {
        string path = context.Get(_network), folder = context.Get(_out)!;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor images = NumpyFile.Read(context.Get(_input)!).to(float32);
        if (images.shape is not [> 0, > 0, > 0, > 0]) throw WrongShape("[images, 3, height, width]");
        // Where colours are is not known yet: the size that the file would be read for is that of either form.
        bool last = images.shape[1] != 3;
        using ImportedNetwork network = NetworkFile.Open(path, before: context.Get(SharedOptions.Preprocess),
            images: ((int)images.shape[last ? 1 : 2], (int)images.shape[last ? 2 : 3]));
        if (images.shape[network.ChannelsLast ? 3 : 1] != 3)
            throw WrongShape(network.ChannelsLast ? "[images, height, width, 3]" : "[images, 3, height, width]");
        if (network.WholeNumbers && (images.lt(0) | images.gt(255) | images.ne(images.round())).any().item<bool>())
            context.Note("The network takes whole numbers from 0 to 255; these images have others, which its own tool would cut to whole ones or refuse.");
        if (network.ChannelsLast) images = images.permute(0, 3, 1, 2).contiguous();
        foreach (string note in network.Notes) context.Note(note);
        using ImageModel model = network.ToModel(
            network.UsualPreprocessing((int)images.shape[2], (int)images.shape[3]), asWritten: true);
        network.RequireSize(model, (int)images.shape[2], (int)images.shape[3]);
        if (network.ImageSize is { } exported && exported != ((int)images.shape[2], (int)images.shape[3]))
            context.Note($"The file was exported for images of {exported.Height} × {exported.Width}; these are {images.shape[2]} × {images.shape[3]}, "
                + "which its operations can be run on, and the tool that wrote it may not.");
        if (Mixed(model, images.shape) is { } mixed) context.Note(mixed);
        model.MoveTo(context.Device());
        string[] layers = [.. context.Get(_read)!.Distinct()];
        foreach (string layer in layers) model.Layer(layer);
        ValueFile[] files =
        [
            .. network.Outputs.Select(one => ValueFile.Of(network.Outputs.Count == 1 ? "output" : $"output-{one.Name}", one.Value)),
            .. layers.Select(layer => ValueFile.Of(layer, layer)),
        ];
        // A layer may be called what the answer's file is.
        HashSet<string> answers = [.. files.Take(network.Outputs.Count).Select(one => one.File)];
        for (int i = network.Outputs.Count; i < files.Length; i++)
            if (answers.Contains(files[i].File)) files[i] = files[i] with { File = "layer-" + files[i].File };
        if (files.GroupBy(one => one.File).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw FoveaException.BadConfiguration(
                $"{string.Join(" and ", twice.Select(one => one.Name))} would both be written to {twice.Key}: read them in two runs.");

        Tensor[] values = Run(context, model, images, new Probe(files.Select(one => one.Value)), [.. files.Select(one => one.Value)]);
        Directory.CreateDirectory(folder);
        for (int i = 0; i < files.Length; i++) NumpyFile.Write(Path.Combine(folder, files[i].File), values[i]);
        ReadValue[] rows = [.. files.Select((one, i) => new ReadValue(one.Name, Path.Combine(folder, one.File), values[i].shape))];
        context.Result(
            new ModelRunResult(path, images.shape[0], rows, network.Notes),
            text =>
            {
                foreach (ReadValue row in rows) text.WriteLine($"{row.File}  [{string.Join(", ", row.Shape)}]");
            });
        return ExitCode.Done;

        FoveaException WrongShape(string needed) => FoveaException.BadData(
            $"{context.Get(_input)} has the shape [{string.Join(", ", images.shape)}]: {needed} is needed.");
    }

    /// <summary>Says it where images that are run together change each other's answers; they are run together all the same.</summary>
    private static string? Mixed(ImageModel model, long[] images)
    {
        if (images[0] == 1 && model.Graph.FixedBatch is null or 1) return null;
        double difference;
        try
        {
            difference = BatchCheck.Difference(model, (int)images[2], (int)images[3]);
        }
        catch (FoveaException)
        {
            // An answer of whole numbers is written as it is.
            return null;
        }
        if (double.IsNaN(difference) || difference < BatchCheck.Rounding) return null;
        return $"Images that are run together change each other's answers ({BatchTrust.InWords(difference)}): these depend on "
            + (model.Graph.FixedBatch is { } together
                ? $"which {together} are run together, and the last ones are filled up with the last image." : "--batch-size.");
    }

    private Tensor[] Run(CommandContext context, ImageModel model, Tensor images, Probe probe, string[] names)
    {
        int size = context.Get(_batchSize), count = (int)images.shape[0];
        List<Tensor>[] parts = [.. names.Select(_ => new List<Tensor>())];
        using ProgressDisplay progress = context.Progress();
        for (int start = 0; start < count; start += size)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            ProbeResult read = model.Forward(images.narrow(0, start, Math.Min(size, count - start)).to(model.Device), probe);
            for (int i = 0; i < names.Length; i++) parts[i].Add(read[names[i]].cpu().MoveToOuterDisposeScope());
            progress.Report(new WorkflowProgress("run", Math.Min(start + size, count), count, "images"));
        }
        return [.. parts.Select(part => part.Count == 1 ? part[0] : cat([.. part]))];
    }

    /// <summary>A value that is read, and the name of its file.</summary>
    private sealed record ValueFile(string Name, string File, string Value)
    {
        public static ValueFile Of(string name, string value) => new(name, SafeName.Of(name) + ".npy", value);
    }
}
