namespace Fovea.Runs.Settings;

/// <summary>Table <c>[model]</c>: the network.</summary>
public sealed record ModelSettings
{
    /// <summary>
    /// A name from the catalogue: <c>resnet18</c>, <c>resnet34</c>, <c>resnet50</c>, <c>mobilenet_v2</c>,
    /// <c>googlenet</c>, <c>small_cnn</c>; absent where <c>network</c> names a file.
    /// </summary>
    public string Architecture { get; init; } = "";

    /// <summary>
    /// A network that <c>torch.export.save</c> (<c>.pt2</c>) or <c>torch.onnx.export</c> and other tools (<c>.onnx</c>) wrote, with its
    /// weights, relative to the recipe's folder. What images go through first is not in such a file: <c>[data]</c> says it.
    /// </summary>
    public string? Network { get; init; }

    /// <summary>
    /// A file like <c>network</c> whose graph images go through before it, after what <c>[data]</c> says: a change of the order of the
    /// channels, a mean image. Absent: none.
    /// </summary>
    public string? Preprocess { get; init; }

    /// <summary>Which of the outputs of <c>network</c> is the answer; absent: the one with as many numbers as there are classes.</summary>
    public string? Output { get; init; }

    /// <summary>
    /// How the tokens of <c>network</c> are a grid, rows × columns: <c>14x14</c>; absent: found from its operations.
    /// </summary>
    public string? Tokens { get; init; }

    /// <summary>How many tokens stand before those of <c>tokens</c>; absent: all that there are more than the grid has.</summary>
    public int? Prefix { get; init; }

    /// <summary>A <c>.pth</c> or <c>.safetensors</c> file, relative to the recipe's folder; absent: initialised from the seed.</summary>
    public string? Weights { get; init; }

    /// <summary>
    /// Which weights of a checkpoint that holds several, such as <c>state_dict_ema</c>; absent: the usual ones, with a warning that names
    /// the others.
    /// </summary>
    public string? WeightsKey { get; init; }

    /// <summary>
    /// What the numbers of the answer are. <c>network</c>: the network's own classes, which those of the images must be, in the same order.
    /// <c>data</c>: the classes of the images; the last layer is replaced by a fresh one, drawn from the seed, with an output for each, all
    /// other weights stay, and <c>[train]</c> teaches it. <c>other</c>: the network's own classes, which are not those of the images, whose
    /// labels, if they have any, serve evidence alone; accuracy is left out. <c>none</c>: no classes (an embedding, a feature extractor);
    /// what needs classes is left out.
    /// </summary>
    public string Classes { get; init; } = NetworkClasses.Own;

    /// <summary>
    /// The network's own words for its classes, where they are not the images' (<c>classes = "other"</c>): a class list in any form that
    /// <c>[data] classes</c> takes, relative to the recipe's folder. Absent: they are called by their numbers.
    /// </summary>
    public string? ClassList { get; init; }

    /// <summary>The paper's first change: max-pooling becomes average pooling.</summary>
    public bool AveragePooling { get; init; }

    /// <summary>The paper's second change: slope of LeakyReLU in place of ReLU and ReLU6 (0.01 there); 0: unchanged.</summary>
    public double LeakySlope { get; init; }

    /// <summary>
    /// What reads values where neither gradients nor edits are asked for: <c>onnxruntime</c>, an error where it cannot; <c>torch</c>.
    /// Absent: ONNX Runtime where it gives the values, else libtorch, and the log says which and why.
    /// </summary>
    public string? Engine { get; init; }
}
