using System.CommandLine;
using Fovea.Activations;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Interventions;
using Fovea.Interventions.Circuits;
using Fovea.Interventions.Effects;
using Fovea.IO;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea circuit</c>: which units of a layer make a class or a unit, and through which units of a later layer.</summary>
internal sealed class CircuitCommand : FoveaCommand
{
    private readonly Option<string> _run = SharedOptions.Run();
    private readonly Option<string?> _class = new("--class")
    {
        Description = "A class, by id or name: what makes its logit on its images. With --image: on that image (the one predicted).",
        HelpName = "C",
    };
    private readonly Option<string?> _versus = new("--versus")
    {
        Description = "Another class, whose logit is subtracted.",
        HelpName = "C",
    };
    private readonly Option<string?> _image = new("--image")
    {
        Description = "One image, a file or the id of one of the run's images: what makes the class's logit there.",
        HelpName = "FILE|ID",
    };
    private readonly Option<int?> _unit = SharedOptions.Positive(
        new Option<int?>("--unit") { Description = "A unit of the later layer: what makes it.", HelpName = "U" }, 0);
    private readonly Option<string?> _from = new("--from")
    {
        Description = "The earlier layer (the last harvested but one).",
        HelpName = "L",
    };
    private readonly Option<string?> _to = new("--to") { Description = "The later layer (the last harvested).", HelpName = "L" };
    private readonly Option<string[]> _dictionaries = new("--dictionary")
    {
        Description = "Whose units: neurons or a dictionary's name, for both layers or for each (each layer's first dictionary).",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };
    private readonly Option<int?> _images = SharedOptions.Positive(new Option<int?>("--images")
    {
        Description = "Images at most, half of them to choose nodes on and half to put the circuit to the test (200).",
        HelpName = "N",
    }, 4);
    private readonly Option<int?> _nodes = SharedOptions.Positive(
        new Option<int?>("--nodes") { Description = "Nodes at most (50).", HelpName = "N" }, 2);
    private readonly Option<int?> _edges = SharedOptions.Positive(
        new Option<int?>("--edges") { Description = "Edges between the layers at most (100).", HelpName = "N" });
    private readonly Option<string> _baseline = SharedOptions.Choice(
        new Option<string>("--baseline")
        {
            Description = "What nodes become that are taken out: their mean over training vectors, or 0.",
            HelpName = "mean|zero",
            DefaultValueFactory = _ => "mean",
        },
        "mean", "zero");
    private readonly Option<string> _rank = SharedOptions.Choice(
        new Option<string>("--rank")
        {
            Description = "What nodes and edges are chosen by: integrated gradients, or the derivative at the image times the difference.",
            HelpName = "gradient|integrated",
            DefaultValueFactory = _ => "integrated",
        },
        "gradient", "integrated");
    private readonly Option<int?> _steps = SharedOptions.Positive(
        new Option<int?>("--steps") { Description = "Points at which integrated gradients are taken (8).", HelpName = "N" });
    private readonly Option<int?> _random = SharedOptions.Positive(
        new Option<int?>("--random") { Description = "Graphs of random nodes beside it (5; 0: none).", HelpName = "N" }, 0);
    private readonly Option<string?> _name = new("--name")
    {
        Description = "The circuit's name in the run; one of that name is replaced (made of what it is of).",
        HelpName = "NAME",
    };

    public CircuitCommand(AppEnvironment app)
        : base(app, "circuit",
            "Which units of a layer make a class's logit, an image's or a unit, through which units of a later layer; each put to the test.")
    {
        Option[] options = [_run, _class, _versus, _image, _unit, _from, _to, _dictionaries, _images, _nodes, _edges, _baseline, _rank, _steps,
            _random, _name];
        foreach (Option option in options) Add(option);
        Add(SharedOptions.Seed);
        Add(SharedOptions.Threads);
        Add(SharedOptions.Device);
        Examples = ["fovea circuit --run runs/layers-resnet18 --class goldfish",
            "fovea circuit --run runs/photos --class goldfish --from layer3 --to layer4 --dictionary topk --nodes 30",
            "fovea circuit --run runs/photos --image photo.jpg --versus tench --json",
            "fovea circuit --run runs/photos --unit 17 --to layer4"];
    }

    protected override int Execute(CommandContext context)
    {
        string folder = context.Get(_run)!;
        Device device = context.Device();
        WorkflowSettings settings = Recipe.OfRun(folder, []).Settings;
        var run = new RunFolder(folder);
        ulong seed = context.Get(SharedOptions.Seed) ?? settings.Seed;
        RequireTarget(context, settings);
        (string from, string to) = Layers(context, settings);
        if (context.Get(_name) is { } given) SafeName.Require(given, "a circuit");
        using FolderLock held = FolderLock.Take(run.Root);
        using ImageModel model = RunModel.Load(run, settings, device);
        (string fromSource, string toSource) = Sources(context, run, settings, from, to);
        UnitGroup earlier = RunUnits.Open(run, settings, from, fromSource, device);
        using IDisposable? first = earlier.Autoencoder;
        UnitGroup later = RunUnits.Open(run, settings, to, toSource, device);
        using IDisposable? second = later.Autoencoder;
        CircuitStudy.Require(model, earlier, later);
        using ActivationStore store = ActivationStore.Open(run.ActivationsOf(from));
        using ActivationStore laterStore = ActivationStore.Open(run.ActivationsOf(to));
        var request = new CircuitRequest(
            context.Get(_class), context.Get(_versus), context.Get(_image), context.Get(_unit), context.Get(_images) ?? 200, seed);
        CircuitSubject subject = CircuitSubject.Open(request, settings, model, store, later, context.Cancellation);
        using IImageSource source = subject.Source;
        string name = context.Get(_name) ?? subject.Name, file = Path.Combine(run.Circuit(to, name), CircuitDocument.FileName);
        bool mean = context.Get(_baseline) == "mean";
        CircuitLayer fromLayer = Layer(earlier, store, mean, seed, context.Cancellation);
        CircuitLayer toLayer = Layer(later, laterStore, mean, seed, context.Cancellation);
        CircuitDocument circuit;
        using (ProgressDisplay progress = context.Progress())
        {
            var told = progress.Of<EvaluationProgress>(
                done => new WorkflowProgress($"circuit of {subject.Words.Name}", done.Images, done.Total, "images"));
            circuit = CircuitStudy.Find(
                model, fromLayer, toLayer, subject.Target, subject.Words, source, How(context, subject, seed), told, context.Cancellation);
        }
        DocumentFile.Write(file, circuit);
        context.Result(
            new CircuitResult(run.Root, name, file, circuit.Survives, circuit), text => CircuitText.Write(text, circuit, file));
        return ExitCode.Done;
    }

    protected override string AfterInterruption(CommandContext context) => "Give the same command again: it gives the same bytes.";

    private CircuitOptions How(CommandContext context, CircuitSubject subject, ulong seed) => new()
    {
        Nodes = context.Get(_nodes) ?? 50,
        Edges = context.Get(_edges) ?? 100,
        IntegrationSteps = context.Get(_steps) ?? 8,
        RankByIntegrated = context.Get(_rank) == "integrated",
        RandomGraphs = context.Get(_random) ?? 5,
        ChosenOn = subject.Images?.ChosenOn,
        JudgedOn = subject.Images?.JudgedOn,
        Seed = seed,
    };

    private void RequireTarget(CommandContext context, WorkflowSettings settings)
    {
        bool unit = context.Get(_unit) is not null;
        if (context.Get(_class) is null && context.Get(_image) is null && !unit)
            throw FoveaException.BadConfiguration("Say what the circuit is of: --class C, --image FILE or --unit U.");
        if (unit && (context.Get(_class) ?? context.Get(_versus) ?? context.Get(_image)) is not null)
            throw FoveaException.BadConfiguration("--unit is what the circuit is of: leave --class, --versus and --image out.");
        if (!unit && settings.Model.Classes == NetworkClasses.None)
            throw FoveaException.BadConfiguration("The run's network has no classes ([model] classes): ask for a circuit of a unit, --unit U.");
    }

    private (string From, string To) Layers(CommandContext context, WorkflowSettings settings)
    {
        string[] harvested = [.. settings.Harvest?.Layers ?? []];
        if (harvested.Length < 2 && (context.Get(_from) is null || context.Get(_to) is null))
        {
            throw FoveaException.BadConfiguration(
                "A circuit leads from one layer to a later one, and this run harvested "
                    + $"{(harvested.Length == 0 ? "none" : harvested[0] + " alone")}. Name two in [harvest] layers.");
        }
        return (
            RunUnits.Layer(settings, context.Get(_from) ?? harvested[^2]), RunUnits.Layer(settings, context.Get(_to) ?? harvested[^1]));
    }

    private (string From, string To) Sources(CommandContext context, RunFolder run, WorkflowSettings settings, string from, string to)
    {
        return context.Get(_dictionaries)! switch
        {
            [] => (FirstOf(from), FirstOf(to)),
            [var both] => (both, both),
            [var one, var other] => (one, other),
            var more => throw FoveaException.BadConfiguration($"--dictionary takes one name for both layers or one for each, not {more.Length}."),
        };

        string FirstOf(string layer) => RunUnits.Dictionaries(run, settings, layer).FirstOrDefault() ?? UnitGroup.NeuronsName;
    }

    private static CircuitLayer Layer(UnitGroup group, ActivationStore store, bool mean, ulong seed, CancellationToken cancellation)
    {
        if (!mean) return new CircuitLayer(group);
        return new CircuitLayer(group)
        {
            VectorMean = store.TrainingMean(cancellation),
            UnitMeans = group.Autoencoder is { } dictionary
                ? UnitMeans.Of(EffectUnits.Latents(group.Layer, dictionary, DictionaryError.Kept), store, seed, cancellation) : null,
        };
    }
}
