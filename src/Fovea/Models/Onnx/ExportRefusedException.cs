namespace Fovea.Models.Onnx;

/// <summary>What an operation asks for cannot be said in ONNX, or is not done here; the message is the end of a sentence.</summary>
internal sealed class ExportRefusedException(string why) : Exception(why);
