using Fovea.Checkpoints;
using Fovea.Models.Graph;
using Fovea.Models.Import;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>
/// Makes a graph of a network. Nodes are taken in order; what is known without the images is calculated, for several numbers of images
/// where it depends on that: so sizes that a file calculates from the batch become sizes of the graph.
/// </summary>
internal sealed partial class OnnxImporter
{
    private const int MostSteps = 1 << 16;
    private const int MostBatch = 4096;

    private readonly OnnxModel _model;
    private readonly OnnxTensors _tensors;
    private readonly string _path;
    private readonly OnnxFolder _folder;
    private readonly OnnxScopes _scopes;
    private readonly List<Entry> _nodes = [];
    private readonly Dictionary<Tensor, OnnxValue.Known> _known = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<OnnxValue.Known, OnnxValue.InGraph> _unfolded = new(ReferenceEqualityComparer.Instance);
    private int _steps;

    private OnnxImporter(OnnxModel model, OnnxTensors tensors, string path)
    {
        (_model, _tensors, _path) = (model, tensors, path);
        _folder = new OnnxFolder(new ConstantBudget(model.Bytes));
        _scopes = new OnnxScopes(model);
    }

    /// <summary>For how many images of what size sizes are followed.</summary>
    public IReadOnlyList<OnnxPoint> Points { get; private set; } = [];

    /// <summary>The number of images that the file fixed, where it is to be taken out of sizes.</summary>
    public int? BakedBatch { get; private set; }

    /// <summary>Whether a fixed number of images was taken out of some size.</summary>
    public bool Freed { get; set; }

    /// <summary>Whether anything was exported in training mode.</summary>
    public bool WasTraining { get; set; }

    /// <summary>Reads a network.</summary>
    /// <param name="model">The file.</param>
    /// <param name="tensors">Its tensors.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="free">Whether a fixed number of images is to be taken out of sizes.</param>
    /// <param name="size">Height and width of the images where the file leaves them open; null: they stay open.</param>
    /// <param name="one">Whether an open number of images is one.</param>
    /// <param name="notes">What is said of the file already.</param>
    public static ImportedProgram Read(
        OnnxModel model, OnnxTensors tensors, string path, bool free, (int Height, int Width)? size, bool one, IReadOnlyList<string> notes)
    {
        var importer = new OnnxImporter(model, tensors, path);
        OnnxGraph graph = model.Graph ?? throw importer.Bad("it holds no graph");
        OnnxValue.InGraph input = importer.TakeImages(graph, importer.FindImages(graph), free, size, one, out OnnxImages shape);
        OnnxScope scope = importer.TakeGraph(graph, [KeyValuePair.Create<string, OnnxValue>(shape.Name, input)]);
        return importer.Finish(graph, scope, input, shape, notes);
    }

    /// <summary>Reads a graph of any inputs for one number of images.</summary>
    /// <param name="model">The file.</param>
    /// <param name="tensors">Its tensors.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="inputs">What its inputs are: values of the graph, or numbers that are known.</param>
    /// <param name="point">The number of images and their size.</param>
    /// <returns>The steps that are left to run, and what stands behind the outputs' names.</returns>
    public static (IReadOnlyList<Entry> Steps, IReadOnlyList<OnnxValue> Outputs) Read(
        OnnxModel model, OnnxTensors tensors, string path, IEnumerable<KeyValuePair<string, OnnxValue>> inputs, OnnxPoint point)
    {
        var importer = new OnnxImporter(model, tensors, path) { Points = [point] };
        OnnxGraph graph = model.Graph ?? throw importer.Bad("it holds no graph");
        OnnxScope scope = importer.TakeGraph(graph, inputs);
        return (importer._nodes, [.. graph.Outputs.Select(output => scope.Look(output.Name)
            ?? throw importer.Bad($"nothing makes its output '{output.Name}'"))]);
    }

    private OnnxScope TakeGraph(OnnxGraph graph, IEnumerable<KeyValuePair<string, OnnxValue>> inputs)
    {
        var scope = new OnnxScope(null, _model.Opsets);
        foreach (var (name, value) in inputs) Define(scope, name, value);
        TakeTensors(graph, scope);
        TakeNodes(graph.Nodes, scope);
        return scope;
    }

    /// <summary>A value's sizes at each point, or one list for all.</summary>
    public long[][] SizesOf(OnnxValue value) => value switch
    {
        OnnxValue.InGraph graph => graph.Sizes,
        OnnxValue.Known known => known.Sizes,
        OnnxValue.Refused refused => throw new OnnxRefusedException(refused.Why, complete: true),
        _ => throw new OnnxRefusedException("it is given a list of values"),
    };

    /// <summary>The type of a value's numbers.</summary>
    public static ScalarType TypeOf(OnnxValue value) => value switch
    {
        OnnxValue.InGraph graph => graph.Type,
        OnnxValue.Known known => known.At(0).dtype,
        _ => throw new OnnxRefusedException("it is given a list of values"),
    };

    /// <summary>The value of a tensor that the file holds.</summary>
    public OnnxValue.Known Known(OnnxTensor tensor, bool buffer = false)
    {
        Tensor numbers = _tensors.Read(tensor);
        if (_known.TryGetValue(numbers, out OnnxValue.Known? known)) return known;
        return _known[numbers] = new OnnxValue.Known(numbers) { IsOfFile = true, IsBuffer = buffer, Name = tensor.Name };
    }

    /// <summary>Adds a step to the graph, or calculates it where everything it reads is known.</summary>
    public OnnxValue[] Apply(OnnxStep step, int count, OnnxNode node)
    {
        if (step.Inputs.OfType<OnnxValue.Refused>().FirstOrDefault() is { } refused)
            throw new OnnxRefusedException(refused.Why, complete: true);
        if (step.Inputs.Any(input => input is OnnxValue.Sequence)) throw new OnnxRefusedException("it is given a list of values");
        var made = Enumerable.Range(0, Points.Count).Select(point => Shape(step, point)).ToArray();
        if (made.Any(one => one.Length != made[0].Length)) throw new OnnxRefusedException("it makes more results for more images");
        count = Math.Min(count, made[0].Length);
        if (step.Inputs.All(input => input is null or OnnxValue.Known)
            && _folder.IsSmall(made.SelectMany(one => one.Select(result => result.Sizes))))
            return Fold(step, count, made);

        bool ofImages = step.Inputs.Any(input => input is OnnxValue.InGraph { OfImages: true });
        bool whole = step.Inputs.Any(input => input is OnnxValue.InGraph { IsWhole: true }) && StaysWhole(made[0][0].Type, ref step);
        step = step with
        {
            Inputs = [.. step.Inputs.Select(input => input is OnnxValue.Known { IsFixed: false } known
            ? Unfolded(known, node) : input)]
        };
        OnnxValue.InGraph[] values = [.. Enumerable.Range(0, count).Select(i => new OnnxValue.InGraph(
            ofImages, [.. made.Select(one => one[i].Sizes)], made[0][i].Type)
        { IsWhole = whole })];
        _nodes.Add(new Entry(step, values, node));
        return values;
    }

    /// <summary>Whether what a step makes of whole numbers of images are such again; one that calculates with them is refused.</summary>
    private static bool StaysWhole(ScalarType made, ref OnnxStep step)
    {
        ElementType type = ElementTypes.Of(made);
        if (type.IsFloatingPoint() || type == ElementType.Bool) return false;
        if (step.Operator == "to" && WholeImages.Holds(type))
            step = step with { Operator = "identity", Attributes = OperatorAttributes.None };
        return WholeImages.Moves.Contains(step.Operator) ? true : throw new OnnxRefusedException(WholeImages.Refused);
    }

    /// <summary>What follows from values that are known, for each number of images.</summary>
    public OnnxValue.Known Calculate(IReadOnlyList<OnnxValue> reads, Func<Tensor[], Tensor> make)
    {
        if (reads.OfType<OnnxValue.InGraph>().Any()) throw new OnnxRefusedException("it depends on the images' numbers");
        OnnxValue.Known[] known = [.. reads.Cast<OnnxValue.Known>()];
        int points = known.All(one => one.IsFixed) ? 1 : Points.Count;
        Tensor[] made = [.. Enumerable.Range(0, points).Select(point => make([.. known.Select(one => one.At(point))]))];
        _folder.Reserve(made.Select(one => one.shape));
        _folder.Count++;
        return new OnnxValue.Known(OnnxFolder.Distinct(made));
    }

    private (long[] Sizes, ScalarType Type)[] Shape(OnnxStep step, int point) => OnnxShapes.Of(step.Operator, step.Attributes,
        [.. step.Inputs.Select(input => input switch
        {
            OnnxValue.InGraph graph => (graph.Sizes[point], graph.Type),
            OnnxValue.Known known => (known.At(point).shape, known.At(point).dtype),
            _ => ((long[], ScalarType)?)null,
        })], Points[point].Images,
        () => [.. step.Inputs.Select(input => input switch
        {
            OnnxValue.InGraph graph => zeros(graph.Sizes[point], dtype: graph.Type),
            OnnxValue.Known known => known.At(point),
            _ => null,
        })]);

    private OnnxValue[] Fold(OnnxStep step, int count, (long[] Sizes, ScalarType Type)[][] sizes)
    {
        bool same = !step.Attributes.Has("from") && step.Inputs.All(input => input is null or OnnxValue.Known { IsFixed: true });
        int points = same ? 1 : Points.Count;
        _folder.Reserve(sizes.Take(points).SelectMany(one => one.Select(result => result.Sizes)));
        Tensor[][] made = [.. Enumerable.Range(0, points).Select(point => OnnxFolder.Run(step, point, Points[point].Images))];
        _folder.Count++;
        return [.. Enumerable.Range(0, count).Select(i => (OnnxValue)new OnnxValue.Known(
            OnnxFolder.Distinct([.. made.Select(one => one[i])])) { Origin = count == 1 ? step : null })];
    }

    /// <summary>Numbers that depend on how many images there are, as nodes that make them: once, however many read them.</summary>
    private OnnxValue.InGraph Unfolded(OnnxValue.Known known, OnnxNode node)
    {
        if (_unfolded.TryGetValue(known, out OnnxValue.InGraph? made)) return made;
        if (known.Origin is not { } step) throw new OnnxRefusedException("it calculates with the number of images");
        OnnxValue?[] inputs =
            [.. step.Inputs.Select(input => input is OnnxValue.Known { IsFixed: false } one ? Unfolded(one, node) : input)];
        var value = new OnnxValue.InGraph(false, known.Sizes, known.At(0).dtype) { Name = known.Name };
        _nodes.Add(new Entry(step with { Inputs = inputs }, [value], node));
        return _unfolded[known] = value;
    }

    /// <summary>The error of a damaged file.</summary>
    private FoveaException Bad(string why) =>
        FoveaException.BadData($"{_path} is no sound ONNX network: {why}. Export it again.");

    /// <summary>An operation of the graph with the node it comes from.</summary>
    public sealed record Entry(OnnxStep Step, OnnxValue.InGraph[] Made, OnnxNode Node);
}
