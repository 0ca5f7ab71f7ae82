using System.CommandLine;
using Fovea.Checkpoints;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Runs.Preparation;
using Fovea.Runs.Settings;
using Fovea.Training;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea model eval</c>: accuracy of published or own weights on labelled images.</summary>
internal sealed class ModelEvalCommand : FoveaCommand
{
    private readonly Option<string?> _architecture = new("--arch")
    {
        Description = $"The architecture: {string.Join(", ", SettingChoices.Architectures)}.",
        HelpName = "A",
    };
    private readonly Option<string?> _weights = new("--weights") { Description = "A .pth or .safetensors file.", HelpName = "W" };
    private readonly Option<string?> _network = new("--network")
    {
        Description = "In the place of --arch and --weights: a network that torch.export.save wrote (.pt2), or one as ONNX (.onnx).",
        HelpName = "FILE",
    };
    private readonly Option<float[]?> _mean = SharedOptions.Channels(
        "--mean", "Taken away from samples of 0 to 1, a number a channel: 0.485,0.456,0.406 (what lies beside the network says, else ImageNet's).");
    private readonly Option<float[]?> _std = SharedOptions.Channels(
        "--std", "What they are then divided by, a number a channel (as --mean).");
    private readonly Option<string> _data = new("--data")
    {
        Description = "A folder, .tar or .parquet of images, or shapesworld:val:1200.",
        HelpName = "D",
        Required = true,
    };
    private readonly Option<string?> _classes = new("--classes")
    {
        Description = "The network's classes in their order: a TSV (index, id, name), JSON, or LOC_synset_mapping.txt (the data's own).",
        HelpName = "FILE",
    };
    private readonly Option<string> _split = SharedOptions.Choice(
        new Option<string>("--split")
        {
            Description = "The split, where the data have splits.",
            HelpName = "train|val|test",
            DefaultValueFactory = _ => "val"
        }, "train", "val", "test");

    private readonly Option<string> _layout = SharedOptions.Choice(
        new Option<string>("--layout")
        {
            Description = "How the images lie in the folder or tar.",
            HelpName = string.Join('|', SettingChoices.Layouts),
            DefaultValueFactory = _ => "auto"
        },
        [.. SettingChoices.Layouts]);

    private readonly Option<int?> _limit = SharedOptions.Positive(
        new Option<int?>("--limit") { Description = "At most this many images, evenly spaced.", HelpName = "N" });
    private readonly Option<int?> _classCount = SharedOptions.Positive(
        new Option<int?>("--num-classes") { Description = "Outputs of the network (the number of classes of the data).", HelpName = "N" });
    private readonly Option<int?> _inputSize = SharedOptions.Positive(
        new Option<int?>("--input-size") { Description = "Side of the centre crop in pixels (the architecture's).", HelpName = "S" }, 8);
    private readonly Option<int?> _resize = SharedOptions.Positive(
        new Option<int?>("--resize")
        {
            Description = "Short side before the crop in pixels, 0: as it is (the architecture's; 0 with "
            + "another --input-size).",
            HelpName = "S"
        }, 0);

    private readonly Option<int> _batchSize = new("--batch-size")
    {
        Description = "Images a forward pass.",
        HelpName = "N",
        DefaultValueFactory = _ => 32,
    };
    private readonly Option<bool> _averagePooling = new("--average-pooling")
    {
        Description = "Max-pooling becomes average pooling (the paper's modification).",
    };
    private readonly Option<double> _leakySlope = SharedOptions.Slope(new Option<double>("--leaky-slope")
    {
        Description = "ReLU and ReLU6 become LeakyReLU with this slope; 0: as published.",
        HelpName = "X",
    });
    private readonly Option<int?> _first = SharedOptions.Positive(
        new Option<int?>("--first") { Description = "Also print the five largest logits of the first N images.", HelpName = "N" });

    public ModelEvalCommand(AppEnvironment app)
        : base(app, "eval", "Top-1, top-5 and loss of weights on labelled images, preprocessed as torchvision does.")
    {
        foreach (Option option in (Option[])[_architecture, _weights, _network, _data, _classes]) Add(option);
        foreach (Option option in (Option[])[SharedOptions.Labels, _split, _layout, _limit, SharedOptions.Preprocess]) Add(option);
        foreach (Option option in (Option[])[_classCount, _inputSize, _resize, _mean, _std, _batchSize, _averagePooling, _leakySlope, _first])
            Add(option);
        Add(SharedOptions.WeightsKey);
        Add(SharedOptions.Threads);
        Add(SharedOptions.Device);
        _batchSize.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError("--batch-size must be at least 1.");
        });
        Examples =
        [
            "fovea model eval --arch mobilenet_v2 --weights mobilenet_v2-imagenet.pth --data imagenet-sample.tar --classes "
                + "imagenet_classes.tsv",
            "fovea model eval --arch resnet18 --weights resnet18-tiny-imagenet.pth --data tiny-imagenet-200.tar --input-size 64 --json",
        ];
    }

    protected override string AfterInterruption(CommandContext context) => "There is no result; nothing was written.";

    protected override int Execute(CommandContext context)
    {
        string? file = context.Get(_network);
        if (file is null ? context.Get(_architecture) is null || context.Get(_weights) is null : context.Get(_architecture) is not null
            || context.Get(_weights) is not null)
            throw FoveaException.BadConfiguration("Say which network: --arch and --weights, or --network alone.");
        if (file is null && context.Get(SharedOptions.Preprocess) is not null)
            throw FoveaException.BadConfiguration("--preprocess is a file for --network: a network of the catalogue has no graph before it.");
        Architecture? architecture = file is null ? FindArchitecture(context.Get(_architecture)!) : null;
        using IImageSource source = ImageSources.Open(context.Get(_data)!, new ImageSourceOptions
        {
            Split = context.Get(_split),
            Classes = context.Get(_classes),
            Labels = context.Get(SharedOptions.Labels),
            Layout = context.Get(_layout) is "auto" ? null : context.Get(_layout),
            Limit = context.Get(_limit),
        });
        foreach (string note in source.Notes) context.Warn(note);
        if (source.Classes.Count == 0)
        {
            throw FoveaException.BadData(
                $"{source.Description} has no labels: there is nothing to be right about. A run with [model] classes = \"other\" looks into "
                    + "a network with such images.");
        }
        int classes = context.Get(_classCount) ?? source.Classes.Count;
        using ImageModel network = architecture is null
            ? Load(context, file!, classes) : Load(context, architecture, Preprocess(context, architecture), classes);
        Preprocessing preprocessing = network.Preprocessing;
        network.RequireClasses(source);

        EvaluationResult result;
        using (ProgressDisplay progress = context.Progress())
        {
            progress.Report(new WorkflowProgress("evaluate", 0, source.Count, "images"));
            result = Evaluator.Evaluate(network, source, context.Get(_batchSize),
                progress.Of<EvaluationProgress>(done => new WorkflowProgress("evaluate", done.Images, done.Total, "images")),
                    context.Cancellation);
        }
        foreach (DamagedImage damaged in result.Damaged) context.Note($"damaged, left out: {damaged.Id}: {damaged.Why}");
        if (result.IsChance(network.Outputs))
        {
            context.Warn(
                $"The network is right about {Humane.Percent(result.Top1)} of the images, no better than chance. Likely reasons: the preprocessing is not "
                    + "the network's (--resize, --input-size, --mean, --std), the classes stand in another order (--classes), or the network was "
                    + "never trained.");
        }
        IReadOnlyList<TopLogits>? first = context.Get(_first) is { } count
            ? FirstLogits.Of(network, source, count, context.Cancellation) : null;
        context.Result(
            new ModelEvalResult
            {
                Architecture = network.Architecture,
                Weights = context.Get(_weights) ?? file!,
                Data = source.Description,
                Classes = source.Classes.Count,
                Resize = preprocessing.Resize,
                InputSize = preprocessing.OutputSize.Height,
                Images = result.Images,
                Damaged = result.Damaged.Count,
                Notes = source.Notes,
                Top1 = result.Top1,
                Top5 = result.Top5,
                Loss = result.Loss,
                Seconds = Math.Round(result.Seconds, 3),
                Engine = result.Engine!.InWords,
                First = first,
            },
            text =>
            {
                text.WriteLine($"images  {Humane.Count(result.Images)}");
                text.WriteLine($"top-1   {Humane.Percent(result.Top1)}");
                text.WriteLine($"top-5   {Humane.Percent(result.Top5)}");
                text.WriteLine($"loss    {Humane.Number(result.Loss)}");
                text.WriteLine(
                    $"time    {Humane.Duration(TimeSpan.FromSeconds(result.Seconds))}, {Humane.Rate(result.Images / result.Seconds)} images/s");
                text.WriteLine($"engine  {result.Engine!.InWords}");
                foreach (TopLogits image in first ?? [])
                {
                    var said = image.Classes.Zip(image.Logits, (label, logit) => $"{source.Classes[label].Name} {Humane.Number(logit)}");
                    text.WriteLine($"{image.Image}: {string.Join(", ", said)}");
                }
            });
        return ExitCode.Done;
    }

    private static Architecture FindArchitecture(string name) => Architectures.All.FirstOrDefault(known => known.Name == name)
        ?? throw FoveaException.BadConfiguration(
            $"--arch: there is no architecture '{name}'.{Suggestions.Sentence(name, [.. SettingChoices.Architectures])}");

    /// <summary>Numbers that were said: an absent option of an array is an empty array, not null.</summary>
    private static float[]? Said(CommandContext context, Option<float[]?> option) =>
        context.Get(option) is { Length: > 0 } numbers ? numbers : null;

    private Preprocessing Preprocess(CommandContext context, Architecture architecture)
    {
        int size = context.Get(_inputSize) ?? architecture.InputSize;
        int resize = context.Get(_resize) ?? (size == architecture.InputSize ? architecture.ResizeTo ?? 0 : 0);
        Preprocessing usual = Preprocessing.ImageNet(resize == 0 ? null : resize, size);
        return new Preprocessing(usual.Resize, size, Said(context, _mean) ?? usual.Mean, Said(context, _std) ?? usual.Std);
    }

    private ImageModel Load(CommandContext context, string file, int classes)
    {
        int side = context.Get(_inputSize) ?? ImagePreparation.UsualCrop;
        using ImportedNetwork imported = NetworkFile.Open(
            file, classes: classes, before: context.Get(SharedOptions.Preprocess), images: (side, side));
        foreach (string note in imported.Notes) context.Warn(note);
        var preparation = ImagePreparation.OfFile(
            file, imported, context.Get(_resize), context.Get(_inputSize), Said(context, _mean), Said(context, _std));
        foreach (string line in preparation.Lines) context.Warn(line);
        ImageModel Make(bool one) => imported.ToModel(
            preparation.Preprocessing, flow: new GradientFlow(context.Get(_averagePooling), context.Get(_leakySlope)), oneByOne: one);
        ImageModel network = Make(false);
        try
        {
            imported.RequireSize(network, preparation.Preprocessing.OutputSize.Height, preparation.Preprocessing.OutputSize.Width);
            if (BatchTrust.Judge(imported, network, () => Make(true)) is { } line)
            {
                context.Warn(line);
                network.Dispose();
                network = Make(true);
            }
            network.MoveTo(context.Device());
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private ImageModel Load(CommandContext context, Architecture architecture, Preprocessing preprocessing, int classes)
    {
        string path = context.Get(_weights)!;
        using StateDict weights = StateDict.Load(path, context.Get(SharedOptions.WeightsKey));
        ImageModel network = architecture.Create(
            classes, new GradientFlow(context.Get(_averagePooling), context.Get(_leakySlope)), preprocessing);
        try
        {
            foreach (string note in network.CopyFrom(weights, path)) context.Warn(note);
            network.MoveTo(context.Device());
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
