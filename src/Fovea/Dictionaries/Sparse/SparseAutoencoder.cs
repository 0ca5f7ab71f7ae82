using Fovea.Activations;
using Fovea.Dictionaries.Kernels;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// A sparse autoencoder: a vector x of <see cref="InputSize"/> activations becomes a code f of <see cref="LatentSize"/> latents, few of
/// them active, and is put together again from the decoder's rows:
/// <code>
/// z = (x − b_dec) W_enc + b_enc        pre-activations
/// f = σ(z)                             the variant's activation
/// x̂ = f W_dec + b_dec                  row i of W_dec is the direction of latent i
/// L = E‖x − x̂‖² + penalty(z, f)        squared error summed over components, averaged over the batch
/// </code>
/// Parameters carry SAELens' names and shapes. Memory of parameters is native: dispose the autoencoder. One autoencoder is used by one
/// thread at a time. Paper: section 8, with equations 7 and 8 written in SAELens' form (the paper's input bias b_enc is −b_dec, eq. 10).
/// </summary>
public abstract partial class SparseAutoencoder : IFeatureDictionary
{
    /// <summary>Name of the encoder's weights, <c>[inputs, latents]</c>.</summary>
    public const string EncoderWeightName = "W_enc";

    /// <summary>Name of the decoder's weights, <c>[latents, inputs]</c>.</summary>
    public const string DecoderWeightName = "W_dec";

    /// <summary>Name of the latents' bias, <c>[latents]</c>, where the variant has no other name for it.</summary>
    public const string EncoderBiasName = "b_enc";

    /// <summary>Name of the inputs' bias, <c>[inputs]</c>.</summary>
    public const string DecoderBiasName = "b_dec";

    /// <summary>Name of JumpReLU's threshold θ, <c>[latents]</c>.</summary>
    public const string ThresholdName = "threshold";

    private const int LeastRowsOfStream = 256;

    private const int RowsDrawnAtOnce = 4096;

    private readonly AutoencoderParameters _parameters = new();

    /// <summary>Allocates zero parameters; <see cref="Initialize"/> or a file gives them values.</summary>
    /// <param name="inputSize">Length of a vector (channels of the layer).</param>
    /// <param name="latentSize">Length of a code.</param>
    /// <param name="sparsity">The variant's sparsity setting.</param>
    /// <param name="dtype">float32, or float64 for gradient checks.</param>
    /// <param name="tied">True where the encoder is the decoder's transpose, a view of the same memory.</param>
    /// <param name="biases">False where both biases are zero and not trained.</param>
    /// <param name="encoderBias">The name of b_enc among the parameters.</param>
    /// <param name="trainEncoderBias">False where b_enc is zero and not trained, whatever b_dec is.</param>
    /// <param name="trainDecoder">False where W_dec is made of other parameters.</param>
    /// <exception cref="FoveaException">A size is not positive or the setting is not a finite number.</exception>
    protected SparseAutoencoder(
        int inputSize, int latentSize, double sparsity, ScalarType dtype, bool tied = false, bool biases = true,
            string encoderBias = EncoderBiasName, bool trainEncoderBias = true, bool trainDecoder = true)
    {
        if (inputSize <= 0)
            throw FoveaException.BadConfiguration($"An autoencoder needs vectors of at least one component, not {inputSize}.");
        if (latentSize <= 0) throw FoveaException.BadConfiguration($"An autoencoder needs at least one latent, not {latentSize}.");
        if (!double.IsFinite(sparsity) || sparsity < 0)
            throw FoveaException.BadConfiguration($"The sparsity setting must be a number not below 0, not {sparsity}.");
        if (dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"Autoencoders compute in float32 or float64, not {dtype}.", nameof(dtype));
        (InputSize, LatentSize, Sparsity, Tied, Biases, EncoderBiasParameter) =
            (inputSize, latentSize, sparsity, tied, biases, encoderBias);
        AddParameter(DecoderWeightName, trainDecoder, dtype, latentSize, inputSize);
        if (tied) _parameters.AddTransposed(EncoderWeightName, DecoderWeightName);
        else AddParameter(EncoderWeightName, trained: true, dtype, inputSize, latentSize);
        AddParameter(encoderBias, biases && trainEncoderBias, dtype, latentSize);
        AddParameter(DecoderBiasName, biases, dtype, inputSize);
    }

    /// <summary>The variant's name in <see cref="AutoencoderVariants"/>: <c>l1</c>, <c>topk</c>, <c>jumprelu</c>.</summary>
    public abstract string Architecture { get; }

    /// <summary>
    /// The settings that make the same autoencoder again, as they act now (after <see cref="FoldScale"/>: on raw vectors).
    /// </summary>
    public abstract VariantOptions Settings { get; }

    /// <summary>Length of a vector: d.</summary>
    public int InputSize { get; }

    /// <summary>Length of a code: n.</summary>
    public int LatentSize { get; }

    /// <summary>The variant's sparsity setting: k for TopK, the penalty's coefficient for L1, JumpReLU and Gated.</summary>
    public double Sparsity { get; private protected set; }

    /// <summary>The layer whose activations it was trained on; null where that is not known. Files carry it.</summary>
    public string? Layer { get; set; }

    /// <summary>
    /// The network whose activations it was trained on (<see cref="Fovea.Models.ModelFingerprint"/>); null where that is not known. Files
    /// carry it.
    /// </summary>
    public string? Network { get; set; }

    /// <summary>
    /// The number that the training vectors were multiplied by, folded away since; losses are given in that scale. 1 where it is not known.
    /// </summary>
    public double InputScale { get; internal set; } = 1;

    /// <summary>
    /// What is done to each vector before it is encoded, and undone after decoding. Weights that are trained here want none; SAELens' may.
    /// </summary>
    public InputNormalization Normalization { get; internal set; }

    /// <summary>The axis of an activation tensor that holds the vectors' components: 1 in NCHW.</summary>
    public int Axis { get; set; } = 1;

    /// <summary>The encoder is the decoder's transpose (paper, eq. 9).</summary>
    public bool Tied { get; }

    /// <summary>The biases are trained; without, they are zero.</summary>
    public bool Biases { get; }

    /// <summary>
    /// Every parameter under SAELens' name and shape: <c>W_enc [d, n]</c>, <c>W_dec [n, d]</c>, <c>b_enc [n]</c> (Gated:
    /// <c>b_gate</c>), <c>b_dec [d]</c> and what the variant adds. Owned by the autoencoder. Where tied, <c>W_enc</c> is a view of
    /// <c>W_dec</c>.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> Parameters => _parameters.All;

    /// <summary>The parameters that training changes: all but a tied <c>W_enc</c> and absent biases.</summary>
    public IReadOnlyDictionary<string, Tensor> TrainableParameters => _parameters.Trained;

    /// <summary>Every parameter that is not a view of another.</summary>
    internal IEnumerable<KeyValuePair<string, Tensor>> StoredParameters => _parameters.Stored;

    /// <summary>Float type of parameters and results.</summary>
    public ScalarType DType => DecoderWeight.dtype;

    /// <summary>Where the parameters live.</summary>
    public Device Device => DecoderWeight.device;

    /// <summary>Row i is the direction that latent i adds to a reconstruction, <c>[n, d]</c>.</summary>
    public Tensor DecoderWeight => _parameters.All[DecoderWeightName];

    Tensor IFeatureDictionary.Directions => DecoderWeight;

    string IFeatureDictionary.Name => Architecture;

    /// <summary>
    /// Column i is the direction that latent i listens to, <c>[d, n]</c>; where tied, a new view of the decoder that gradients pass.
    /// </summary>
    public Tensor EncoderWeight => Tied ? DecoderWeight.t() : _parameters.All[EncoderWeightName];

    /// <summary>The name that b_enc, the bias in z, has among the parameters.</summary>
    internal string EncoderBiasParameter { get; }

    /// <summary>b_enc, <c>[n]</c>.</summary>
    internal Tensor EncoderBias => _parameters.All[EncoderBiasParameter];

    /// <summary>b_dec, <c>[d]</c>.</summary>
    internal Tensor DecoderBias => _parameters.All[DecoderBiasName];

    /// <summary>
    /// Starts training: decoder rows are random directions of length 1 (normal components, drawn by latent from the seed), the encoder
    /// is the decoder's transpose, b_dec is <paramref name="mean"/> where biases are trained, b_enc is 0.
    /// </summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="mean">The training vectors' mean, <c>[d]</c>; zero when null.</param>
    public virtual void Initialize(ulong seed, ReadOnlySpan<double> mean = default)
    {
        if (mean.Length != 0 && mean.Length != InputSize)
            throw new ArgumentException($"The mean has {mean.Length} components, not {InputSize}.", nameof(mean));
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        for (int latent = 0; latent < LatentSize; latent += RowsDrawnAtOnce)
            DrawDecoder(seed, latent, Math.Min(RowsDrawnAtOnce, LatentSize - latent));
        if (!Tied) _parameters.All[EncoderWeightName].copy_(DecoderWeight.t());
        EncoderBias.zero_();
        DecoderBias.zero_();
        if (Biases && mean.Length != 0) DecoderBias.copy_(tensor(mean.ToArray()));
    }

    /// <summary>What a variant looks up in the training vectors after <see cref="Initialize"/>, before the first step.</summary>
    /// <param name="source">The vectors as they are.</param>
    /// <param name="rows">Rows to train on.</param>
    /// <param name="scale">What training multiplies them by.</param>
    /// <param name="told">Gets what is looked up, how much, of how much at most; null: nobody asks.</param>
    /// <param name="cancellation">Stops it.</param>
    internal virtual void Prepare(
        IVectorSource source, RowSet rows, double scale, Action<string, long, long>? told, CancellationToken cancellation)
    {
    }

    /// <summary>Called between the backward pass and the optimiser's step.</summary>
    public virtual void BeforeStep()
    {
    }

    /// <summary>Called after the optimiser's step: keeps the variant's constraints.</summary>
    public virtual void AfterStep()
    {
    }

    /// <summary>Turns gradients of the trained parameters on or off; an autoencoder is made with gradients off.</summary>
    public void RequireGradients(bool on)
    {
        foreach (var parameter in TrainableParameters.Values) parameter.requires_grad_(on);
    }

    /// <summary>
    /// Turns an autoencoder of scaled vectors s·x into the same autoencoder of raw vectors x: <c>b_enc</c>, <c>b_dec</c>, the threshold,
    /// the clip value and JumpReLU's bandwidth are divided by s, weights stay; codes and reconstructions come out divided by s, and the
    /// coefficient is changed so that the loss is the old loss divided by s².
    /// </summary>
    /// <param name="scale">s &gt; 0.</param>
    public virtual void FoldScale(double scale)
    {
        if (!double.IsFinite(scale) || scale <= 0)
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "A scale is a positive number.");
        if (Normalization != InputNormalization.None)
            throw new InvalidOperationException("Vectors that are each brought to a scale of their own have no common one to fold.");
        using var frozen = no_grad();
        EncoderBias.div_(scale);
        DecoderBias.div_(scale);
    }

    /// <summary>Moves the parameters; an optimiser made before still holds the old ones.</summary>
    public void MoveTo(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        _parameters.MoveTo(device);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _parameters.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Codes, reconstruction and penalty (of those codes, a mean over the batch) at inference; in the current dispose scope.
    /// </summary>
    internal (Tensor Codes, Tensor Output, Tensor Penalty) Infer(Tensor x)
    {
        var (encoded, scale, shift) = Encoded(x);
        var z = Products(encoded);
        var codes = Codes(encoded, z, training: false);
        return (codes, Decoded(codes, scale, shift), Penalty(z, codes));
    }

    /// <summary>The variant over active entries, for <see cref="SparseStep"/>; null where only the dense step trains it.</summary>
    internal virtual StepRule? Rule() => null;

    /// <summary>
    /// The objective on pre-activations <c>[rows, n]</c>, for <see cref="TensorStep"/>; null where ∂L/∂z has more in it than that form can
    /// say.
    /// </summary>
    internal virtual Func<Tensor, EntryObjective>? EntryObjective => null;

    /// <summary>How training revives dead latents.</summary>
    internal AuxiliaryLoss AuxiliaryLoss { get; set; } = AuxiliaryLoss.None;

    /// <summary>The latents that <see cref="AuxiliaryLoss"/> is for; the training keeps them up to date.</summary>
    internal int[] DeadLatents { get; set; } = [];

    /// <summary>The codes as trained, f = σ(z); <paramref name="z"/> and the result are <c>[rows, n]</c>.</summary>
    private protected abstract Tensor Activate(Tensor z);

    /// <summary>
    /// The codes of vectors; what depends on z alone is in <see cref="Activate"/> and <see cref="InferenceCodes"/>.
    /// </summary>
    /// <param name="x"><c>[rows, d]</c>.</param>
    /// <param name="z">Their pre-activations, <c>[rows, n]</c>.</param>
    /// <param name="training">Those of training, else of inference.</param>
    private protected virtual Tensor Codes(Tensor x, Tensor z, bool training) => training ? Activate(z) : InferenceCodes(z);

    /// <summary>W_dec as a function of what is trained: another tensor where W_dec is made of other parameters.</summary>
    private protected virtual Tensor TrainedDecoder() => DecoderWeight;

    /// <summary>What dead latents are chosen by in <see cref="AuxiliaryLoss"/>: their pre-activations, <c>[rows, n]</c>.</summary>
    private protected virtual Tensor RevivalScores(Tensor x, Tensor z, Tensor output) => z;

    /// <summary>Whether training changes W_dec itself, as <see cref="SparseStep"/> does it.</summary>
    internal virtual bool DecoderIsFree => true;

    /// <summary>
    /// Whether the objective of a batch is more than the mean of its rows': a selection or a count over all of them. Kernels know how to look at the parts of
    /// a batch together (<see cref="StepRule.Ranks"/>), operations on tensors do not.
    /// </summary>
    internal virtual bool LooksAtWholeBatch => false;

    /// <summary>The codes at inference; those of training by default.</summary>
    private protected virtual Tensor InferenceCodes(Tensor z) => Activate(z);

    /// <summary>What the objective has besides reconstruction and penalty, as a mean over the batch; null for nothing.</summary>
    private protected virtual Tensor? Auxiliary(Tensor x, Tensor z, Tensor codes) => null;

    /// <summary>
    /// Told of each training batch by an <see cref="OperationStep"/>, before step number <paramref name="step"/> (from 1).
    /// </summary>
    internal virtual void Observe(AutoencoderLoss loss, long step)
    {
    }

    /// <summary>The penalty on a batch with its coefficient, a scalar.</summary>
    private protected abstract Tensor Penalty(Tensor z, Tensor codes);

    /// <summary>Adds a zero parameter that outlives every dispose scope.</summary>
    private protected void AddParameter(string name, bool trained, ScalarType dtype, params long[] shape) =>
        _parameters.Add(name, trained, dtype, shape);

    /// <summary>Whether a tensor is where the parameters are; devices are objects, and two of one device are not one object.</summary>
    private bool IsHere(Tensor x)
    {
        Device theirs = x.device, own = Device;
        return theirs.type == own.type && theirs.index == own.index;
    }

    /// <summary>Random directions of length 1 for some latents, each drawn by its number.</summary>
    private void DrawDecoder(ulong seed, int first, int count)
    {
        var rows = new double[count, InputSize];
        for (int latent = 0; latent < count; latent++)
        {
            var random = new CounterRandom(seed, "autoencoder/decoder", first + latent);
            double squares = 0;
            for (int i = 0; i < InputSize; i++)
            {
                double value = rows[latent, i] = random.NextGaussian();
                squares += value * value;
            }
            double scale = squares > 0 ? 1 / Math.Sqrt(squares) : 0;
            for (int i = 0; i < InputSize; i++) rows[latent, i] *= scale;
        }
        using var drawn = tensor(rows);
        using var part = DecoderWeight.narrow(0, first, count);
        part.copy_(drawn);
    }

    private void RequireVectors(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.dim() != 2 || x.shape[1] != InputSize)
            throw new ArgumentException($"Vectors must be [rows, {InputSize}], not [{string.Join(", ", x.shape)}].", nameof(x));
    }
}
